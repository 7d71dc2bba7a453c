//! Tokens to a tree.
//!
//! Macros are read here: what looks like a call of `all` is none, because its body is evaluated for
//! each element.

use std::sync::Arc;

use super::Problem;
use super::ast::{Expr, Form, Kind, Macro};
use super::lexer::{Token, tokens};
use super::types::SIGNATURES;
use super::value::Val;

/// Longer expressions are not read. Kubernetes estimates costs long before.
const LONGEST: usize = 64 * 1024;
/// The levels that an expression may have: more than any person writes, few enough for every stack.
const DEEPEST: u16 = 100;

/// Words that are kept for later.
pub(super) const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Words that are no names, not even of fields.
pub(super) const LITERALS: [&str; 4] = ["true", "false", "null", "in"];

/// The binary operators by precedence, the loosest first. `&&` and `||` stand for themselves.
const LEVELS: [&[&str]; 5] =
    [&["||"], &["&&"], &["<", "<=", ">=", ">", "==", "!=", "in"], &["+", "-"], &["*", "/", "%"]];

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expr, Problem> {
    if text.len() > LONGEST {
        let message = format!("the expression is longer than {LONGEST} bytes");
        return Err(Problem { at: 0, message });
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        other => Err(parser.unexpected(&other.clone())),
    }
}

struct Parser {
    tokens: Vec<(Token, u32)>,
    next: usize,
    depth: u16,
}

type Parsed = Result<Expr, Problem>;

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> u32 {
        self.tokens[self.next].1
    }

    /// The next token. `End` is never passed.
    fn take(&mut self) -> Token {
        let token = self.tokens[self.next].0.clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn eat(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Sign(it) if *it == sign);
        if is_next {
            self.take();
        }
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.eat(sign) { Ok(()) } else { Err(self.wrong(format!("syntax error: `{sign}` is missing"))) }
    }

    fn wrong(&self, message: impl Into<String>) -> Problem {
        Problem { at: self.at(), message: message.into() }
    }

    fn unexpected(&self, token: &Token) -> Problem {
        self.wrong(match token {
            Token::End => "syntax error: the expression ends too early".to_owned(),
            Token::Sign(it) => format!("syntax error: unexpected `{it}`"),
            Token::Name(it) => format!("syntax error: unexpected `{it}`"),
            _ => "syntax error: unexpected literal".to_owned(),
        })
    }

    /// A part, if it has not too many levels.
    fn node(&self, at: u32, kind: Kind) -> Parsed {
        let height = 1 + kind.parts().iter().map(|it| it.height).max().unwrap_or(0);
        if height > DEEPEST { Err(self.too_deep()) } else { Ok(Expr { at, height, kind }) }
    }

    fn too_deep(&self) -> Problem {
        self.wrong(format!("the expression has more than {DEEPEST} levels"))
    }

    fn expr(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.too_deep());
        }
        let test = self.binary(0)?;
        let at = self.at();
        let expr = if self.eat("?") {
            let yes = self.binary(0)?;
            self.expect(":")?;
            let no = self.expr()?;
            self.node(at, Kind::Cond(Box::new([test, yes, no])))?
        } else {
            test
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// The operator that comes next, and its level.
    fn operator(&self) -> Option<(usize, &'static str)> {
        let is = |it: &str| match self.peek() {
            Token::Sign(sign) => *sign == it,
            Token::Name(name) => &**name == it,
            _ => false,
        };
        let found = |(level, signs): (usize, &&[&'static str])| {
            Some((level, signs.iter().copied().find(|it| is(it))?))
        };
        LEVELS.iter().enumerate().find_map(found)
    }

    /// A chain of operators of a level and of those that bind tighter.
    fn binary(&mut self, lowest: usize) -> Parsed {
        let mut left = self.unary()?;
        while let Some((level, operator)) = self.operator().filter(|it| it.0 >= lowest) {
            let at = self.at();
            self.take();
            let right = self.binary(level + 1)?;
            left = match (level, left) {
                (0 | 1, left) => self.longer(level, left, right)?,
                (_, left) => self.call(at, operator, false, vec![left, right])?,
            };
        }
        Ok(left)
    }

    /// A chain of `||`, or of `&&`, with one more part. Each part stands beside the others, so that a
    /// long chain has few levels.
    fn longer(&self, level: usize, left: Expr, part: Expr) -> Parsed {
        let Expr { at, height, kind } = left;
        let (mut parts, deepest) = match (level, kind) {
            (0, Kind::Or(parts)) | (1, Kind::And(parts)) => (parts, height - 1),
            (_, kind) => (vec![Expr { at, height, kind }], height),
        };
        let height = 1 + deepest.max(part.height);
        parts.push(part);
        let kind = if level == 0 { Kind::Or(parts) } else { Kind::And(parts) };
        if height > DEEPEST { Err(self.too_deep()) } else { Ok(Expr { at, height, kind }) }
    }

    fn call(&self, at: u32, name: &str, is_method: bool, args: Vec<Expr>) -> Parsed {
        self.node(at, Kind::Call { name: name.into(), is_method, args })
    }

    fn unary(&mut self) -> Parsed {
        let at = self.at();
        for (sign, name) in [("!", "!_"), ("-", "-_")] {
            let mut count = 0;
            while self.eat(sign) {
                count += 1;
            }
            if count == 0 {
                continue;
            }
            if sign == "-"
                && count % 2 == 1
                && let Some(literal) = self.negative()?
            {
                let expr = self.node(at, Kind::Literal(literal))?;
                return self.member(expr);
            }
            let of = self.primary()?;
            let of = self.member(of)?;
            // Two of them do nothing but ask for a type; one of a pair is enough for that.
            return (0..2 - count % 2).try_fold(of, |it, _| self.call(at, name, false, vec![it]));
        }
        let primary = self.primary()?;
        self.member(primary)
    }

    /// The number behind a minus, if there is one.
    fn negative(&mut self) -> Result<Option<Val>, Problem> {
        let negative = match self.peek() {
            Token::Int(it) => match i64::try_from(-i128::from(*it)) {
                Ok(it) => Val::Int(it),
                Err(_) => return Err(self.wrong("invalid int literal")),
            },
            Token::Double(it) => Val::Double(-it),
            _ => return Ok(None),
        };
        self.take();
        Ok(Some(negative))
    }

    /// What follows a value: fields, methods, indices.
    fn member(&mut self, mut of: Expr) -> Parsed {
        loop {
            let at = self.at();
            if self.eat(".") {
                let optional = self.eat("?");
                let name_at = self.at();
                let field = match self.take() {
                    Token::Name(it) if !LITERALS.contains(&&*it) => it,
                    other => return Err(Problem { at: name_at, ..self.unexpected(&other) }),
                };
                if !optional && self.eat("(") {
                    let args = self.arguments()?;
                    of = self.method(name_at, of, &field, args)?;
                } else if let Some(name) = type_name(&of, &field) {
                    of = self.node(of.at, Kind::Ident(name.into()))?;
                } else {
                    of = self.node(name_at, Kind::Select { of: Box::new(of), field, optional })?;
                }
            } else if self.eat("[") {
                let optional = self.eat("?");
                let index = Box::new(self.expr()?);
                self.expect("]")?;
                of = self.node(at, Kind::Index { of: Box::new(of), index, optional })?;
            } else if matches!(
                (&of.kind, self.peek()),
                (Kind::Ident(_) | Kind::Select { .. }, Token::Sign("{"))
            ) {
                return Err(self.wrong("messages are not supported"));
            } else {
                return Ok(of);
            }
        }
    }

    /// The arguments of a call up to its end.
    fn arguments(&mut self) -> Result<Vec<Expr>, Problem> {
        let mut items = vec![];
        if self.eat(")") {
            return Ok(items);
        }
        loop {
            items.push(self.expr()?);
            if !self.eat(",") {
                self.expect(")")?;
                return Ok(items);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        let here = self.next;
        let literal = match self.take() {
            Token::Int(it) => match i64::try_from(it) {
                Ok(it) => Val::Int(it),
                Err(_) => return Err(Problem { at, message: "invalid int literal".to_owned() }),
            },
            Token::Uint(it) => Val::Uint(it),
            Token::Double(it) => Val::Double(it),
            Token::Str(it) => Val::Str(it),
            Token::Bytes(it) => Val::Bytes(it),
            Token::Sign("(") => {
                let expr = self.expr()?;
                self.expect(")")?;
                return Ok(expr);
            }
            Token::Sign("[") => return self.list_literal(at),
            Token::Sign("{") => return self.map_literal(at),
            Token::Sign(".") if matches!(self.peek(), Token::Name(_)) => return self.primary(),
            Token::Name(name) => match &*name {
                "true" => Val::Bool(true),
                "false" => Val::Bool(false),
                "null" => Val::Null,
                it if RESERVED.contains(&it) => {
                    return Err(Problem { at, message: format!("`{it}` is a reserved word") });
                }
                _ if self.eat("(") => {
                    let args = self.arguments()?;
                    return self.function(at, &name, args);
                }
                _ => return self.node(at, Kind::Ident(name)),
            },
            other => {
                self.next = here;
                return Err(self.unexpected(&other));
            }
        };
        self.node(at, Kind::Literal(literal))
    }

    fn list_literal(&mut self, at: u32) -> Parsed {
        let mut items = vec![];
        if self.eat(",") {
            self.expect("]")?;
            return self.node(at, Kind::List(items));
        }
        while !self.eat("]") {
            let optional = self.eat("?");
            items.push((self.expr()?, optional));
            if !self.eat(",") {
                self.expect("]")?;
                break;
            }
        }
        self.node(at, Kind::List(items))
    }

    fn map_literal(&mut self, at: u32) -> Parsed {
        let mut entries = vec![];
        if self.eat(",") {
            self.expect("}")?;
            return self.node(at, Kind::Map(entries));
        }
        while !self.eat("}") {
            let optional = self.eat("?");
            let key = self.expr()?;
            self.expect(":")?;
            entries.push((key, self.expr()?, optional));
            if !self.eat(",") {
                self.expect("}")?;
                break;
            }
        }
        self.node(at, Kind::Map(entries))
    }

    /// A call of a function: a macro, or what it says.
    fn function(&self, at: u32, name: &str, mut args: Vec<Expr>) -> Parsed {
        if name != "has" || args.len() != 1 {
            return self.call(at, name, false, args);
        }
        match args.pop().map(|it| it.kind) {
            Some(Kind::Select { of, field, optional: false }) => self.node(at, Kind::Has { of, field }),
            _ => Err(Problem { at, message: "invalid argument to has() macro".to_owned() }),
        }
    }

    /// A call of a method: a macro, a function whose name has a dot, or what it says.
    fn method(&self, at: u32, of: Expr, name: &str, mut args: Vec<Expr>) -> Parsed {
        if let Kind::Ident(prefix) = &of.kind {
            let qualified = format!("{prefix}.{name}");
            if SIGNATURES.contains_key(&*qualified) {
                return self.call(of.at, &qualified, false, args);
            }
        }
        let Some((form, names, has_filter)) = form(name, &args) else {
            args.insert(0, of);
            return self.call(at, name, true, args);
        };
        let mut rest = args.split_off(names);
        let body = rest.pop().expect("`form` wants a body");
        self.bound(at, form, of, args, rest.pop().filter(|_| has_filter), body)
    }

    /// A macro that gives names to things.
    fn bound(
        &self,
        at: u32,
        form: Form,
        range: Expr,
        names: Vec<Expr>,
        filter: Option<Expr>,
        body: Expr,
    ) -> Parsed {
        let name = |it: &Expr| match &it.kind {
            Kind::Ident(name) => Ok(Arc::clone(name)),
            _ => Err(Problem { at: it.at, message: "a macro wants a simple name here".to_owned() }),
        };
        let first = name(&names[0])?;
        let second = names.get(1).map(name).transpose()?;
        self.node(at, Kind::Macro(Box::new(Macro { form, range, name: first, second, filter, body })))
    }
}

/// The name of a type that is spelt with dots.
fn type_name(of: &Expr, field: &str) -> Option<&'static str> {
    let Kind::Select { of, field: middle, .. } = &of.kind else {
        let net = matches!(&of.kind, Kind::Ident(it) if &**it == "net");
        return ["net.IP", "net.CIDR"].into_iter().find(|it| net && it.ends_with(&format!(".{field}")));
    };
    let is_google = matches!(&of.kind, Kind::Ident(it) if &**it == "google") && &**middle == "protobuf";
    ["google.protobuf.Duration", "google.protobuf.Timestamp"]
        .into_iter()
        .find(|it| is_google && it.ends_with(&format!(".{field}")))
}

/// The macro that a method is, how many names it gives, and whether it filters. A macro with another
/// number of arguments is a call of something that there is not.
fn form(name: &str, args: &[Expr]) -> Option<(Form, usize, bool)> {
    let is_name = |index: usize| args.get(index).is_some_and(|it| matches!(it.kind, Kind::Ident(_)));
    Some(match (name, args.len()) {
        ("all", 2) => (Form::All, 1, false),
        ("all", 3) => (Form::All, 2, false),
        ("exists", 2) => (Form::Exists, 1, false),
        ("exists", 3) => (Form::Exists, 2, false),
        ("exists_one" | "existsOne", 2) => (Form::ExistsOne, 1, false),
        ("exists_one" | "existsOne", 3) => (Form::ExistsOne, 2, false),
        ("filter", 2) => (Form::Filter, 1, false),
        ("map", 2) => (Form::Map, 1, false),
        ("map", 3) => (Form::Map, 1, true),
        ("transformList", 3) => (Form::Map, 2, false),
        ("transformList", 4) => (Form::Map, 2, true),
        ("transformMap", 3) => (Form::TransformMap, 2, false),
        ("transformMap", 4) => (Form::TransformMap, 2, true),
        ("transformMapEntry", 3) => (Form::TransformMapEntry, 2, false),
        ("transformMapEntry", 4) => (Form::TransformMapEntry, 2, true),
        ("sortBy", 2) => (Form::SortBy, 1, false),
        ("optMap", 2) if is_name(0) => (Form::OptMap, 1, false),
        ("optFlatMap", 2) if is_name(0) => (Form::OptFlatMap, 1, false),
        _ => return None,
    })
}
