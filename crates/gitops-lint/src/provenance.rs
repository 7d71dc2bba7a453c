//! `render --provenance`: where each object and each changed field came from.

use std::collections::HashMap;

use gitops_render::provenance::fields;
use gitops_render::report::{Object, Places};
use gitops_render::yaml::{EmitError, emit_with_remarks};
use gitops_render::{Node, Origin, RepoPath, Resource, Sources, Span, Trail};

/// What is needed to name places.
pub struct Told<'a> {
    /// The files.
    pub sources: &'a Sources<'a>,
    /// A path as the reader knows it.
    pub name: &'a dyn Fn(&RepoPath) -> String,
}

impl Told<'_> {
    /// Writes one object with comments.
    ///
    /// # Errors
    /// If there is a value that kustomize cannot print.
    pub fn comments(&self, object: &Node, out: &mut String) -> Result<(), EmitError> {
        let changed = fields(object).into_iter().filter(|it| it.is_changed);
        let remarks: HashMap<*const Node, String> =
            changed.map(|it| (std::ptr::from_ref(it.node), self.remark(&it.node.origin))).collect();
        // The name of a file may hold a line break.
        let from = self.from(&object.origin).replace(char::is_control, "?");
        out.push_str(&format!("# from {from}\n"));
        emit_with_remarks(object, &mut |node| remarks.get(&std::ptr::from_ref(node)).cloned(), out)
    }

    /// All objects as one JSON document.
    pub fn json(&self, resources: &[Resource]) -> String {
        let places = Places::new(self.sources).named(self.name);
        let entries: Vec<Object> = resources.iter().map(|it| places.object(it)).collect();
        let mut text = serde_json::to_string_pretty(&entries).expect("strings and numbers are JSON");
        text.push('\n');
        text
    }

    /// `base/web.yaml:1`, and how the object came out of it.
    fn from(&self, origin: &Origin) -> String {
        let (path, start, _) = self.sources.place(origin.oldest());
        let place = format!("{}:{}", (self.name)(&path), start.line);
        let steps = self.steps(origin);
        if steps.is_empty() { place } else { format!("{place} ({steps})") }
    }

    /// `patch.yaml:7:13 (patch in kustomization.yaml:4:9; was base/web.yaml:6:13)`
    fn remark(&self, origin: &Origin) -> String {
        let mut story = self.steps(origin);
        let (place, oldest) = (self.place(origin.span), self.place(origin.oldest()));
        if oldest != place {
            story.push_str(&format!("; was {oldest}"));
        }
        format!("{place} ({story})")
    }

    fn steps(&self, origin: &Origin) -> String {
        let step = |it: &Trail| format!("{} in {}", it.step.keyword(), self.place(it.directive));
        origin.steps().map(step).collect::<Vec<_>>().join(", ")
    }

    fn place(&self, span: Span) -> String {
        let (path, start, _) = self.sources.place(span);
        format!("{}:{}:{}", (self.name)(&path), start.line, start.column)
    }
}
