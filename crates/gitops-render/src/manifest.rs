//! Plain manifest files: no kustomization has a say in them.

use crate::diagnostic::Diagnostic;
use crate::kustomize::load;
use crate::node::Node;
use crate::render::{Rendered, Renderer};
use crate::resource::Resource;
use crate::rules::yml::duplicate_key;
use crate::source::RepoPath;

impl Renderer<'_> {
    /// The objects of a plain manifest file, as `kubectl apply -f` would send them: every document
    /// that is an object, lists taken apart. Objects with a key twice are among them only if
    /// [`RenderOptions::duplicate_keys`](crate::RenderOptions) lets them be.
    ///
    /// What is wrong with the file as YAML is not repeated here; [`Entries`](crate::Entries) has it.
    pub fn manifest(&self, path: &RepoPath) -> Rendered {
        let mut rendered = Rendered::cut_short(path);
        if self.sources().cancel().is_cancelled() {
            return rendered;
        }
        (rendered.is_incomplete, rendered.is_refused) = (false, false);
        let Ok(file) = self.sources().open(path) else {
            rendered.is_incomplete = true;
            return rendered;
        };
        let yaml = file.yaml();
        let may_pass =
            |it: &&Diagnostic| self.options().duplicate_keys && it.rule.code == duplicate_key::RULE.code;
        let broken: Vec<&Diagnostic> = yaml.diagnostics.iter().filter(|it| !may_pass(it)).collect();
        rendered.is_incomplete = yaml.is_broken && !broken.is_empty();
        // What would be found in an object that could be read in part only, would follow from that.
        let is_whole = |it: &&Node| !broken.iter().any(|found| it.origin.span.holds(found.span()));
        yaml.documents.iter().filter(is_whole).for_each(|it| add_objects(it, &mut rendered.resources));
        rendered
    }
}

/// Adds the object, or what the list holds. Lists in lists end with the parser's depth limit.
pub(crate) fn add_objects(document: &Node, objects: &mut Vec<Resource>) {
    let text = |key: &str| document.get(key).and_then(Node::as_str).filter(|it| !it.is_empty());
    let (Some(_), Some(_)) = (text("apiVersion"), text("kind")) else { return };
    match load::list_items(document) {
        Some(items) => items.iter().for_each(|it| add_objects(it, objects)),
        None => objects.push(Resource::new(document.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::RenderOptions;
    use crate::source::MemoryTree;

    #[test]
    fn a_list_is_taken_apart_and_other_documents_are_passed_over() {
        let mut tree = MemoryTree::new();
        tree.insert(
            "a.yaml",
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n\
             - {apiVersion: v1, kind: PodList, items: [{apiVersion: v1, kind: Pod, metadata: {name: b}}]}\n\
             ---\njust: text\n---\n{apiVersion: v1, kind: Secret, metadata: {name: c}}\n",
        );
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let rendered = renderer.manifest(&RepoPath::root().join("a.yaml").unwrap());
        let names: Vec<_> = rendered.resources.iter().map(|it| it.id.to_string()).collect();
        assert_eq!(names, ["Pod `a`", "Pod `b`", "Secret `c`"]);
        assert!(!rendered.is_incomplete);
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_counts_where_that_may_pass() {
        let mut tree = MemoryTree::new();
        let twice = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, name: b}\n";
        tree.insert("a.yaml", format!("{twice}---\n{twice}spec: [\n"));
        let names = |duplicate_keys| {
            let options = RenderOptions { duplicate_keys, ..RenderOptions::default() };
            let rendered = Renderer::new(&tree, options).manifest(&RepoPath::root().join("a.yaml").unwrap());
            assert!(rendered.is_incomplete, "the second document is no YAML");
            rendered.resources.iter().map(|it| it.id.to_string()).collect::<Vec<_>>()
        };
        assert!(names(false).is_empty());
        assert_eq!(names(true), ["Pod `b`"]);
    }

    #[test]
    fn an_object_that_could_be_read_in_part_only_is_left_out() {
        let mut tree = MemoryTree::new();
        let pod = |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec: {{}}\n");
        tree.insert("a.yaml", [pod("{{ x }}"), pod("a"), pod("b\n  name: c"), pod("d")].join("---\n"));
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let rendered = renderer.manifest(&RepoPath::root().join("a.yaml").unwrap());
        let names: Vec<_> = rendered.resources.iter().map(|it| it.id.to_string()).collect();
        assert_eq!(names, ["Pod `a`", "Pod `d`"]);
        assert!(rendered.is_incomplete);
    }
}
