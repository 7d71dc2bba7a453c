//! The page of a rule on a terminal: headings, paragraphs and lists as wide as the window, code as it is.

use std::io::{self, Write};

use gitops_render::Rule;

use super::facts;
use crate::output::Style;
use crate::rule_page::lines;

const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// How far the text stands from the edge.
const INDENT: usize = 2;

/// A piece of a page.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    Heading(String),
    Paragraph(String),
    /// Behind a dash.
    Item(String),
    /// A line of code.
    Code(String),
}

/// Writes the page, `width` columns wide.
pub fn write(out: &mut (impl Write + ?Sized), rule: &Rule, style: Style, width: usize) -> io::Result<()> {
    let heading =
        |text: &str| if style.is_colored { format!("{BOLD}{text}{PLAIN}") } else { text.to_owned() };
    writeln!(out, "{}", heading(&format!("{} {}", rule.code, rule.name)))?;
    wrapped(out, &facts(rule).join(" · "), "", width)?;
    let blocks = blocks(lines(rule));
    for (index, block) in blocks.iter().enumerate() {
        let follows = |kind: fn(&Block) -> bool| index > 0 && kind(&blocks[index - 1]) && kind(block);
        let is_together = follows(|it| matches!(it, Block::Item(_)))
            || follows(|it| matches!(it, Block::Code(_)))
            || index > 0 && matches!(blocks[index - 1], Block::Heading(_));
        if !is_together {
            writeln!(out)?;
        }
        match block {
            Block::Heading(text) => writeln!(out, "{}", heading(text))?,
            Block::Paragraph(text) => wrapped(out, text, "", width)?,
            Block::Item(text) => wrapped(out, text, "- ", width)?,
            Block::Code(line) => writeln!(out, "{}", format!("{:4}{line}", "").trim_end())?,
        }
    }
    Ok(())
}

/// The pieces of a page. Of Markdown it knows what the pages of rules are written in.
fn blocks(lines: impl Iterator<Item = &'static str>) -> Vec<Block> {
    let mut blocks: Vec<Block> = vec![];
    let (mut is_open, mut is_code) = (false, false);
    for line in lines {
        let text = line.trim_start();
        if text.starts_with("```") {
            (is_code, is_open) = (!is_code, false);
        } else if is_code {
            blocks.push(Block::Code(line.to_owned()));
        } else if text.is_empty() {
            is_open = false;
        } else if let Some(heading) = text.strip_prefix("## ") {
            blocks.push(Block::Heading(heading.to_owned()));
            is_open = false;
        } else if let Some(item) = text.strip_prefix("- ") {
            blocks.push(Block::Item(item.to_owned()));
            is_open = true;
        } else {
            match blocks.last_mut().filter(|_| is_open) {
                Some(Block::Paragraph(before) | Block::Item(before)) => *before += &format!(" {text}"),
                _ => blocks.push(Block::Paragraph(text.to_owned())),
            }
            is_open = true;
        }
    }
    blocks
}

/// Writes words in lines; the first line begins with `lead`, and the others stand below its text.
fn wrapped(out: &mut (impl Write + ?Sized), text: &str, lead: &str, width: usize) -> io::Result<()> {
    let margin = INDENT + lead.len();
    let mut line = format!("{:INDENT$}{lead}", "");
    let mut length = margin;
    for word in text.split_whitespace() {
        let room = word.chars().count() + usize::from(length > margin);
        if length > margin && length + room > width {
            writeln!(out, "{line}")?;
            (line, length) = (" ".repeat(margin), margin);
        }
        if length > margin {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word.chars().count();
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::rules::RULES;

    #[test]
    fn markdown_is_taken_apart() {
        let text =
            "## What\nA word\nand another.\n\nMore:\n- one\n  and on\n- two\n\n```yaml\na:\n  b\n```\nEnd.";
        let expected = [
            Block::Heading("What".to_owned()),
            Block::Paragraph("A word and another.".to_owned()),
            Block::Paragraph("More:".to_owned()),
            Block::Item("one and on".to_owned()),
            Block::Item("two".to_owned()),
            Block::Code("a:".to_owned()),
            Block::Code("  b".to_owned()),
            Block::Paragraph("End.".to_owned()),
        ];
        assert_eq!(blocks(text.lines()), expected);
    }

    #[test]
    fn every_page_keeps_to_the_width() {
        for rule in RULES {
            for width in [30, 92] {
                let mut out = vec![];
                write(&mut out, rule, Style::default(), width).unwrap();
                let page = String::from_utf8(out).unwrap();
                // A word that is longer stands alone on its line.
                let is_long = |it: &&str| it.chars().count() > width && it.trim_start().contains(' ');
                let long: Vec<&str> = page.lines().skip(1).filter(is_long).collect();
                assert!(long.is_empty(), "{}: {long:#?}", rule.code);
                assert!(!page.contains("\n\n\n") && !page.contains(" \n"), "{page}");
            }
        }
    }
}
