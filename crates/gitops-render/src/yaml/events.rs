//! A safe face for libyaml's event parser: the one file of this project with `unsafe` in it.
//!
//! What the rest may rely on: events come in the order of YAML's grammar, offsets are bytes into
//! the text that was handed in, and no string outlives its event.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::ffi::CStr;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::{ptr, slice};

use libyaml_rs as sys;

/// Reads events out of a text.
pub(super) struct Parser<'a> {
    // Boxed: libyaml keeps pointers into the parser.
    raw: Box<sys::yaml_parser_t>,
    /// The event that was handed out last; `None` if it is deleted.
    event: Option<sys::yaml_event_t>,
    text: PhantomData<&'a str>,
}

/// An event with the byte range of its text, which begins with the anchor and the tag if there
/// are any. Valid until the next one is asked for.
pub(super) struct Event<'e> {
    pub kind: EventKind<'e>,
    pub start: usize,
    pub end: usize,
}

pub(super) enum EventKind<'e> {
    StreamStart,
    StreamEnd,
    /// Whether a directive says that the document is YAML 1.2.
    DocumentStart {
        is_yaml12: bool,
    },
    DocumentEnd,
    Alias(Cow<'e, str>),
    Scalar {
        value: Cow<'e, str>,
        style: ScalarStyle,
        props: Props<'e>,
    },
    SequenceStart {
        flow: bool,
        props: Props<'e>,
    },
    SequenceEnd,
    MappingStart {
        flow: bool,
        props: Props<'e>,
    },
    MappingEnd,
}

/// What may stand in front of a node.
#[derive(Default)]
pub(super) struct Props<'e> {
    pub anchor: Option<Cow<'e, str>>,
    pub tag: Option<Cow<'e, str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScalarStyle {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

/// Why a text is not YAML, and the byte at which that became clear.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub problem: Cow<'static, str>,
    pub offset: usize,
    /// What was being read, and where that began.
    pub context: Option<(Cow<'static, str>, usize)>,
}

impl SyntaxError {
    /// The same error in a text that has `by` more bytes in front.
    pub fn moved(self, by: usize) -> SyntaxError {
        let context = self.context.map(|(words, at)| (words, at + by));
        SyntaxError { offset: self.offset + by, context, ..self }
    }
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str) -> Parser<'a> {
        let mut raw = Box::<sys::yaml_parser_t>::new_uninit();
        // SAFETY: `initialize` fills all of the parser in; it fails only without memory, where
        // the crate's allocator aborts. The text outlives the parser by the lifetime `'a`.
        let raw = unsafe {
            let parser = raw.as_mut_ptr();
            let made = sys::yaml_parser_initialize(parser);
            assert!(made.ok, "libyaml's initialization fails only without memory");
            sys::yaml_parser_set_encoding(parser, sys::YAML_UTF8_ENCODING);
            sys::yaml_parser_set_input_string(parser, text.as_ptr(), text.len() as u64);
            raw.assume_init()
        };
        Parser { raw, event: None, text: PhantomData }
    }

    /// The next event. After the end of the stream or an error there is nothing more to ask for.
    pub fn next(&mut self) -> Result<Event<'_>, SyntaxError> {
        self.delete_event();
        let parser = ptr::from_mut::<sys::yaml_parser_t>(&mut self.raw);
        let mut raw = MaybeUninit::<sys::yaml_event_t>::uninit();
        // SAFETY: the parser was initialized in `new`. `parse` fills the event in when it succeeds.
        let event = unsafe {
            if sys::yaml_parser_parse(parser, raw.as_mut_ptr()).fail {
                return Err(self.error());
            }
            raw.assume_init()
        };
        let event = self.event.insert(event);
        // SAFETY: `parse` filled the event in, and it is deleted only through `&mut self`, which
        // the borrow of the result excludes.
        Ok(unsafe { read_event(event) })
    }

    fn delete_event(&mut self) {
        if let Some(mut event) = self.event.take() {
            // SAFETY: `parse` filled the event in; it was taken out, so it is deleted once.
            unsafe { sys::yaml_event_delete(&raw mut event) }
        }
    }

    fn error(&self) -> SyntaxError {
        let error = &*self.raw;
        // SAFETY: after a failure `problem` and `context` are null or static C strings.
        let (problem, context) = unsafe { (static_text(error.problem), static_text(error.context)) };
        let offset = match error.problem_mark.index {
            // The reader, unlike scanner and parser, leaves the mark alone.
            0 => error.problem_offset as usize,
            index => index as usize,
        };
        SyntaxError {
            problem: problem.unwrap_or_else(|| "this is not YAML".into()),
            offset,
            context: context.map(|it| (it, error.context_mark.index as usize)),
        }
    }
}

impl Drop for Parser<'_> {
    fn drop(&mut self) {
        self.delete_event();
        // SAFETY: the parser was initialized in `new` and is deleted once, here.
        unsafe { sys::yaml_parser_delete(&raw mut *self.raw) }
    }
}

/// # Safety
/// `raw` is an event that `yaml_parser_parse` filled in, not deleted as long as the borrow lasts.
unsafe fn read_event(raw: &sys::yaml_event_t) -> Event<'_> {
    // SAFETY: each member of the union is read only under the event type that it belongs to.
    let kind = unsafe {
        match raw.type_ {
            sys::YAML_STREAM_START_EVENT => EventKind::StreamStart,
            sys::YAML_STREAM_END_EVENT => EventKind::StreamEnd,
            sys::YAML_DOCUMENT_START_EVENT => {
                let version = raw.data.document_start.version_directive;
                EventKind::DocumentStart { is_yaml12: !version.is_null() && (*version).minor > 1 }
            }
            sys::YAML_DOCUMENT_END_EVENT => EventKind::DocumentEnd,
            sys::YAML_ALIAS_EVENT => EventKind::Alias(c_text(raw.data.alias.anchor).unwrap_or_default()),
            sys::YAML_SCALAR_EVENT => {
                let it = &raw.data.scalar;
                let bytes: &[u8] = slice::from_raw_parts(it.value, it.length as usize);
                EventKind::Scalar {
                    // The parser has looked already; to look again like this costs less than to replace.
                    value: str::from_utf8(bytes)
                        .map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed),
                    style: style(it.style),
                    props: Props { anchor: c_text(it.anchor), tag: c_text(it.tag) },
                }
            }
            sys::YAML_SEQUENCE_START_EVENT => {
                let it = &raw.data.sequence_start;
                EventKind::SequenceStart {
                    flow: it.style == sys::YAML_FLOW_SEQUENCE_STYLE,
                    props: Props { anchor: c_text(it.anchor), tag: c_text(it.tag) },
                }
            }
            sys::YAML_SEQUENCE_END_EVENT => EventKind::SequenceEnd,
            sys::YAML_MAPPING_START_EVENT => {
                let it = &raw.data.mapping_start;
                EventKind::MappingStart {
                    flow: it.style == sys::YAML_FLOW_MAPPING_STYLE,
                    props: Props { anchor: c_text(it.anchor), tag: c_text(it.tag) },
                }
            }
            sys::YAML_MAPPING_END_EVENT => EventKind::MappingEnd,
            _ => EventKind::StreamEnd,
        }
    };
    Event { kind, start: raw.start_mark.index as usize, end: raw.end_mark.index as usize }
}

fn style(raw: sys::yaml_scalar_style_t) -> ScalarStyle {
    match raw {
        sys::YAML_SINGLE_QUOTED_SCALAR_STYLE => ScalarStyle::SingleQuoted,
        sys::YAML_DOUBLE_QUOTED_SCALAR_STYLE => ScalarStyle::DoubleQuoted,
        sys::YAML_LITERAL_SCALAR_STYLE => ScalarStyle::Literal,
        sys::YAML_FOLDED_SCALAR_STYLE => ScalarStyle::Folded,
        _ => ScalarStyle::Plain,
    }
}

/// # Safety
/// `text` is null or a C string that lives at least as long as `'e`.
unsafe fn c_text<'e>(text: *const u8) -> Option<Cow<'e, str>> {
    // SAFETY: as above.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text.cast()) }.to_string_lossy())
}

/// # Safety
/// `text` is null or a C string that lives forever.
unsafe fn static_text(text: *const i8) -> Option<Cow<'static, str>> {
    // SAFETY: as above.
    unsafe { c_text(text.cast()) }
}
