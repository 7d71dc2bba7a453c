//! A difference for a step summary, or for one comment on a pull request that is written anew each time.
//!
//! What does not fit into a comment on GitHub is left out from the end, and is counted.

use std::io;

use gitops_render::diff::{ChangeKind, Group};

use super::{Shown, lines};
use crate::findings::counted;
use crate::output::markdown::{LIMIT, code, text};

/// By which a comment is found again.
const MARK: &str = "<!-- gitops-lint diff -->";

/// So much of the room is for what is said at the end.
const END: usize = 500;

/// No object takes more than this, so that others are seen, too.
const MOST_LINES: usize = 200;

/// Writes what differs, an object at a time.
pub(super) fn write(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    let mut whole = format!("{MARK}\n## Rendered manifests: {}\n\n", shown.summary());
    let compared = counted(shown.comparison.compared, "affected root");
    whole.push_str(&format!("{compared} compared with {}.\n", code(&shown.commit.to_string())));
    let roots = shown.root_lines();
    let mut left_out = 0;
    for (index, line) in roots.iter().enumerate() {
        let line = format!("{}- {}\n", if index == 0 { "\n" } else { "" }, text(line));
        // The objects want half of the room.
        if whole.len() + line.len() > LIMIT / 2 {
            left_out = roots.len() - index;
            break;
        }
        whole.push_str(&line);
    }
    if left_out > 0 {
        whole.push_str(&format!("\n**{} not shown.**\n", counted(left_out, "more root")));
    }
    let groups = &shown.comparison.groups;
    for (index, group) in groups.iter().enumerate() {
        let section = section(shown, group);
        if whole.len() + section.len() > LIMIT - END {
            let objects: usize = groups[index..].iter().map(|it| it.seen.len()).sum();
            let verb = if objects == 1 { "differs" } else { "differ" };
            let count = counted(objects, "more object");
            whole.push_str(&format!("\n**{count} {verb}, and not shown: this report would be too long.**\n"));
            break;
        }
        whole.push_str(&section);
    }
    out.write_all(whole.as_bytes())
}

fn section(shown: &Shown<'_>, group: &Group<'_>) -> String {
    let (name, seen) = shown.heading(group);
    let (sign, word) = match group.change.kind() {
        ChangeKind::Added => ("➕", "new, "),
        ChangeKind::Removed => ("➖", "gone, was "),
        ChangeKind::Changed | ChangeKind::Reordered => ("✏️", ""),
    };
    let mut body: Vec<String> = vec![];
    for field in &group.change.fields {
        if field.field.is_empty() {
            body.push(format!("# {}", lines::place(shown, field)));
        }
        for line in lines::of(shown, field) {
            // An exclamation mark is what a forge paints for a change.
            let marked = lines::joined(&line, "").join("\n");
            body.push(marked.strip_prefix('~').map_or(marked.clone(), |it| format!("!{it}")));
        }
    }
    let rest = body.len().saturating_sub(MOST_LINES);
    body.truncate(MOST_LINES);
    if rest > 0 {
        body.push(format!("# {} not shown", counted(rest, "more line")));
    }
    let body = body.join("\n");
    let fence = "`".repeat(longest_run(&body).max(2) + 1);
    format!("\n### {sign} {}\n\n{word}{}\n\n{fence}diff\n{body}\n{fence}\n", text(&name), text(&seen))
}

/// How many backticks stand beside each other at most.
fn longest_run(text: &str) -> usize {
    text.split(|it| it != '`').map(str::len).max().unwrap_or_default()
}
