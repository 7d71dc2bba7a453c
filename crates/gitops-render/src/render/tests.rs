//! Work that is cancelled ends, and nobody takes what is left of it for whole.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use super::*;
use crate::source::MemoryTree;

/// The files of an example repository.
fn example() -> MemoryTree {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/repos/ml-platform");
    let (mut tree, mut open) = (MemoryTree::new(), vec![root.clone()]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()));
        } else {
            let inside = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            tree.insert(&inside, fs::read(&path).unwrap());
        }
    }
    tree
}

/// Kustomizations on kustomizations, with many objects.
fn large() -> MemoryTree {
    let mut tree = MemoryTree::new();
    let object = |it: usize| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{it}}}\ndata: {{a: b, c: d}}\n---\n")
    };
    tree.insert("l0/all.yaml", (0..2000).map(object).collect::<String>());
    tree.insert("l0/kustomization.yaml", "resources: [all.yaml]\n");
    for level in 1..60 {
        let text = format!("resources: [../l{}]\nnamePrefix: p\ncommonAnnotations: {{a: b}}\n", level - 1);
        tree.insert(&format!("l{level}/kustomization.yaml"), text);
    }
    tree
}

fn render(tree: &MemoryTree, cancel: Cancel) -> Result<Vec<String>, Cancelled> {
    let renderer = Renderer::new(tree, RenderOptions::default()).cancelled_by(cancel);
    let files: Vec<RepoPath> = tree.paths().cloned().collect();
    let plan = renderer.plan(&crate::entries::kustomizations(&files));
    let rendered = renderer.render_all(&plan)?;
    Ok(rendered.iter().map(|it| format!("{}\n{}", it.root, it.to_yaml().unwrap())).collect())
}

#[test]
fn whenever_it_is_cancelled_there_is_nothing_or_everything() {
    let tree = example();
    let whole = render(&tree, Cancel::default()).unwrap();
    assert!(whole.len() > 5);
    let (mut looks, mut cancelled) = (0, 0);
    loop {
        match render(&tree, Cancel::at_look(looks)) {
            Err(Cancelled) => cancelled += 1,
            Ok(rendered) => {
                assert_eq!(rendered, whole);
                break;
            }
        }
        // Every look at first, and then some of them: there are thousands.
        looks += 1 + looks / 8;
    }
    assert!(cancelled > 30, "{cancelled} of {looks} looks");
}

#[test]
fn a_root_that_was_cut_short_is_refused() {
    let tree = example();
    let root = RepoPath::root().join("apps/model-serving/overlays/prod").unwrap();
    let render = |looks| {
        let cancel = Cancel::at_look(looks);
        let renderer = Renderer::new(&tree, RenderOptions::default()).cancelled_by(cancel);
        renderer.render(&root).expect("there is a kustomization, whoever cancels")
    };
    let looks = (0..).find(|it| !render(*it).is_refused).unwrap();
    let whole = render(looks);
    assert!(looks > 20 && !whole.is_incomplete && whole.resources.len() > 3);
    for it in (0..looks).map(render) {
        assert!(it.is_refused && it.is_incomplete && it.resources.is_empty() && it.review().is_empty());
    }
}

#[test]
fn another_thread_ends_the_work_at_once() {
    let tree = large();
    let cancel = Cancel::new();
    let (ended, said) = thread::scope(|scope| {
        let worker = scope.spawn(|| (render(&tree, cancel.clone()).err(), Instant::now()));
        thread::sleep(Duration::from_millis(30));
        let said = Instant::now();
        cancel.cancel();
        let (result, ended) = worker.join().unwrap();
        assert_eq!(result, Some(Cancelled), "it was done before it could be cancelled");
        (ended, said)
    });
    // Much less on a machine that has nothing else to do.
    let took = ended.saturating_duration_since(said);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn renderers_with_other_options_do_not_know_each_other() {
    let mut tree = MemoryTree::new();
    tree.insert("kustomization.yaml", "resources: [web.yaml]\n");
    tree.insert("web.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n");
    let labelled = &|managed_by_label| {
        let options = RenderOptions { managed_by_label, ..RenderOptions::default() };
        let renderer = Renderer::new(&tree, options);
        let rendered = renderer.render(&RepoPath::root()).unwrap();
        rendered.to_yaml().unwrap().contains("app.kubernetes.io/managed-by")
    };
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..16).map(|it| scope.spawn(move || (it % 2 == 0, labelled(it % 2 == 0)))).collect();
        for thread in threads {
            let (wanted, is) = thread.join().unwrap();
            assert_eq!(wanted, is);
        }
    });
}
