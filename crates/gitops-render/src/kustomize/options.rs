//! What may be asked of a build.

/// What may be asked of a build: kustomize's own flags, and one for plain manifests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// `--load-restrictor LoadRestrictionsNone`: files may lie outside of the kustomization's directory.
    pub load_anywhere: bool,
    /// `--enable-managedby-label`.
    pub managed_by_label: bool,
    /// `--reorder`; `None` is kustomize's default, which is the legacy order.
    pub reorder: Option<Reorder>,
    /// Lets a plain manifest have a key twice: the last one counts. kustomize never does.
    pub duplicate_keys: bool,
}

/// The order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reorder {
    /// As the kustomizations list the objects.
    None,
    /// Namespaces and definitions first, webhooks last.
    Legacy,
}
