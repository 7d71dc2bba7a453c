//! Plain manifest files: no kustomization has a say in them.

use crate::kustomize::load;
use crate::node::Node;
use crate::render::{Rendered, Renderer};
use crate::resource::Resource;
use crate::source::RepoPath;

impl Renderer<'_> {
    /// The objects of a plain manifest file, as `kubectl apply -f` would send them: every document
    /// that is an object, lists taken apart.
    ///
    /// What is wrong with the file as YAML is not repeated here; [`Entries`](crate::Entries) has it.
    pub fn manifest(&self, path: &RepoPath) -> Rendered {
        let mut rendered = Rendered {
            root: path.clone(),
            resources: vec![],
            hits: vec![],
            diagnostics: vec![],
            is_incomplete: false,
            is_refused: false,
        };
        let Ok(file) = self.sources().open(path) else {
            rendered.is_incomplete = true;
            return rendered;
        };
        let yaml = file.yaml();
        rendered.is_incomplete = yaml.is_broken;
        // What would be found in an object that could be read in part only, would follow from that.
        let is_whole = |it: &&Node| !yaml.diagnostics.iter().any(|found| it.origin.span.holds(found.span()));
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
