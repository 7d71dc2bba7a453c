//! stub
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::source::Span;
pub struct Operation {}
pub struct PatchError {}
impl PatchError {
    pub fn diagnostic(&self) -> Diagnostic {
        todo!()
    }
}
pub fn parse(_: &Node) -> Result<Vec<Operation>, PatchError> {
    Ok(vec![])
}
pub fn apply(_: &[Operation], _: &mut Node, _: Span) -> Result<(), PatchError> {
    Ok(())
}
