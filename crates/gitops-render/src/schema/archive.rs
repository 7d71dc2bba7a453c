//! An embedded archive: several texts, each of which is unpacked when somebody first asks for it.
//!
//! `schemas/README.md` describes the format.

use std::sync::OnceLock;

#[cfg(feature = "bundle")]
use ruzstd::decoding::FrameDecoder;

/// What stands in front of the sizes: the mark of a frame that readers skip, and its length.
#[cfg(feature = "bundle")]
const HEAD: usize = 8;

/// How many bytes tell the sizes of one text.
#[cfg(feature = "bundle")]
const SIZES: usize = 8;

/// Texts, packed one by one. It never changes and lives as long as the program does, and so may what
/// points into it.
pub(super) struct Archive {
    texts: Vec<Text>,
}

struct Text {
    packed: &'static [u8],
    length: usize,
    text: OnceLock<&'static str>,
}

impl Archive {
    /// An archive of one text, in a build that embeds none.
    #[cfg(not(feature = "bundle"))]
    pub(super) fn unpacked(text: &'static str) -> Archive {
        Archive { texts: vec![Text { packed: &[], length: 0, text: OnceLock::from(text) }] }
    }

    /// Finds the texts. None is unpacked yet.
    #[cfg(feature = "bundle")]
    pub(super) fn new(bytes: &'static [u8]) -> Archive {
        Archive { texts: texts(bytes).expect("archive.py writes the sizes of all texts") }
    }

    /// The text that tells what the others hold.
    pub(super) fn index(&self) -> &'static str {
        self.text(0)
    }

    /// The text that stands at `index` among those behind the index.
    pub(super) fn block(&self, index: usize) -> &'static str {
        self.text(index + 1)
    }

    fn text(&self, index: usize) -> &'static str {
        let text = &self.texts[index];
        text.text.get_or_init(|| unpack(text.packed, text.length).leak())
    }
}

#[cfg(feature = "bundle")]
fn texts(bytes: &'static [u8]) -> Option<Vec<Text>> {
    let number = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let mut rest = bytes.get(HEAD + number(HEAD - 4)?..)?;
    let count = number(HEAD - 4)? / SIZES;
    let text = |index: usize| {
        let at = HEAD + index * SIZES;
        let (packed, behind) = rest.split_at_checked(number(at)?)?;
        rest = behind;
        Some(Text { packed, length: number(at + 4)?, text: OnceLock::new() })
    };
    (0..count).map(text).collect()
}

#[cfg(feature = "bundle")]
fn unpack(packed: &[u8], length: usize) -> String {
    let mut bytes = Vec::with_capacity(length);
    let unpacked = FrameDecoder::new().decode_all_to_vec(packed, &mut bytes);
    unpacked.expect("archive.py writes frames that ruzstd reads");
    String::from_utf8(bytes).expect("build.py writes UTF-8")
}

/// Without archives nothing is packed.
#[cfg(not(feature = "bundle"))]
fn unpack(_: &[u8], _: usize) -> String {
    String::new()
}
