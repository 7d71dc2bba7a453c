//! From a plan to objects: layers in waves, then roots.

use gitops_render::{LayerId, Layers, Plan, Rendered, Renderer, RepoPath};
use rayon::prelude::*;

use crate::progress::Progress;

/// Builds every layer of the plan, wave by wave.
pub fn build(renderer: &Renderer<'_>, plan: &Plan, progress: &Progress) -> Layers {
    build_waves(renderer, plan, &plan.waves(), Layers::for_plan(plan), progress)
}

/// Builds what some roots need into `layers`.
pub fn build_some(
    renderer: &Renderer<'_>,
    plan: &Plan,
    roots: &[LayerId],
    layers: Layers,
    progress: &Progress,
) -> Layers {
    let needed = plan.needed_by(roots);
    let waves = plan.waves().into_iter();
    let waves: Vec<Vec<LayerId>> =
        waves.map(|it| it.into_iter().filter(|it| needed.contains(it)).collect()).collect();
    build_waves(renderer, plan, &waves, layers, progress)
}

fn build_waves(
    renderer: &Renderer<'_>,
    plan: &Plan,
    waves: &[Vec<LayerId>],
    layers: Layers,
    progress: &Progress,
) -> Layers {
    progress.phase("building", waves.iter().map(Vec::len).sum());
    for wave in waves {
        wave.par_iter().for_each(|&id| {
            layers.put(id, renderer.build(plan, id, &layers));
            progress.step();
        });
    }
    layers
}

/// Some roots of the plan and some plain manifests, in order of path.
pub fn finish(
    renderer: &Renderer<'_>,
    plan: &Plan,
    layers: &Layers,
    (roots, manifests): (&[LayerId], &[RepoPath]),
    progress: &Progress,
) -> Vec<Rendered> {
    progress.phase("rendering", roots.len());
    let of_roots = roots.par_iter().map(|&id| {
        progress.step();
        renderer.finish(plan, id, layers)
    });
    let mut rendered: Vec<Rendered> =
        of_roots.chain(manifests.par_iter().map(|it| renderer.manifest(it))).collect();
    rendered.sort_by(|a, b| a.root.cmp(&b.root));
    rendered
}
