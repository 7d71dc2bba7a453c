//! Paths of schema files as kubeconform's `-schema-location` writes them, with Go's template fields.

use crate::kube::minor::Minor;
use crate::resource::Gvk;
use crate::source::RepoPath;

/// How kubeconform's own catalogue names its files.
pub(super) const STANDARD: &str = "{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json";

/// How the CRDs catalogue names them.
pub(super) const CRDS_CATALOG: &str = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json";

/// The files of one version of the standard catalogue, on their own.
pub(super) const FLAT: &str = "{{ .ResourceKind }}{{ .KindSuffix }}.json";

/// A template of paths: one file for each kind.
///
/// Fields are those of kubeconform 0.7, and are filled as it fills them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The folder that the paths begin in, and do not leave.
    pub(super) base: RepoPath,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// What a template asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Group,
    ResourceKind,
    ResourceApiVersion,
    KubernetesVersion,
    StrictSuffix,
    KindSuffix,
}

const FIELDS: [(&str, Field); 6] = [
    ("Group", Field::Group),
    ("ResourceKind", Field::ResourceKind),
    ("ResourceAPIVersion", Field::ResourceApiVersion),
    ("NormalizedKubernetesVersion", Field::KubernetesVersion),
    ("StrictSuffix", Field::StrictSuffix),
    ("KindSuffix", Field::KindSuffix),
];

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{{` without its `}}`.
    #[error("`{{{{` is never closed in `{0}`")]
    Open(String),
    /// Something else than a field between the braces.
    #[error("`{0}` is no field of a schema location: there are {fields}", fields = names())]
    UnknownField(String),
}

fn names() -> String {
    let names: Vec<String> = FIELDS.iter().map(|it| format!("`{{{{ .{} }}}}`", it.0)).collect();
    names.join(", ")
}

impl Template {
    /// Splits a template into the folder that it begins in and the rest, which has the first field.
    ///
    /// `None` if the text has no fields.
    pub fn split(text: &str) -> Option<(&str, &str)> {
        let before = &text[..text.find("{{")?];
        Some(match before.rfind('/') {
            Some(0) => ("/", &text[1..]),
            Some(end) => (&text[..end], &text[end + 1..]),
            None => ("", text),
        })
    }

    /// Reads a template whose paths begin in the folder `base`.
    ///
    /// What does not end like a file name of JSON or YAML is a folder with the names of kubeconform's catalogue.
    ///
    /// # Errors
    /// If it has other fields than those of kubeconform, or anything but fields.
    pub fn new(base: RepoPath, text: &str) -> Result<Template, TemplateError> {
        let mut pieces = pieces(text)?;
        let names_files = [".json", ".yaml", ".yml"].iter().any(|it| text.ends_with(it));
        if !names_files {
            pieces.push(Piece::Text("/".to_owned()));
            pieces.extend(self::pieces(STANDARD)?);
        }
        Ok(Template { base, pieces })
    }

    /// Where the schema of a kind may be for a version of Kubernetes, the best place first.
    ///
    /// The version is `v1.33.0`, or else `v1.33` or `master`. Strict schemas are preferred to others.
    pub(super) fn paths(&self, gvk: &Gvk, minor: Minor) -> Vec<RepoPath> {
        let mut paths = vec![];
        for version in [format!("v{minor}.0"), format!("v{minor}"), "master".to_owned()] {
            for strict in ["-strict", ""] {
                // A kind comes from a file that anybody may have written.
                let path = self.base.join(&self.filled(gvk, &version, strict));
                let path = path.filter(|it| it.is_within(&self.base) && !paths.contains(it));
                paths.extend(path);
            }
        }
        paths
    }

    fn filled(&self, gvk: &Gvk, version: &str, strict: &str) -> String {
        let fill = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field(Field::Group) if gvk.group.is_empty() => gvk.version.to_string(),
            Piece::Field(Field::Group) => gvk.group.to_string(),
            Piece::Field(Field::ResourceKind) => gvk.kind.to_lowercase(),
            Piece::Field(Field::ResourceApiVersion) => gvk.version.to_string(),
            Piece::Field(Field::KubernetesVersion) => version.to_owned(),
            Piece::Field(Field::StrictSuffix) => strict.to_owned(),
            Piece::Field(Field::KindSuffix) => kind_suffix(gvk),
        };
        self.pieces.iter().map(fill).collect()
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = vec![];
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (inside, after) = behind.split_once("}}").ok_or_else(|| TemplateError::Open(text.to_owned()))?;
        // `{{-` and `-}}` take the white space around them away.
        let (trims_before, trims_after) = (inside.starts_with("- "), inside.ends_with(" -"));
        let name = inside.strip_prefix("- ").unwrap_or(inside);
        let name = name.strip_suffix(" -").unwrap_or(name).trim();
        let field = FIELDS.iter().find(|it| name.strip_prefix('.') == Some(it.0));
        let field = field.ok_or_else(|| TemplateError::UnknownField(name.to_owned()))?;
        let before = if trims_before { before.trim_end() } else { before };
        pieces.extend([Piece::Text(before.to_owned()), Piece::Field(field.1)]);
        rest = if trims_after { after.trim_start() } else { after };
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

/// `-apps-v1`, `-v1`: of a group with dots only what stands before the first.
pub(super) fn kind_suffix(gvk: &Gvk) -> String {
    let group = gvk.group.split('.').next().unwrap_or_default();
    let parts = [group, &gvk.version].into_iter().filter(|it| !it.is_empty());
    parts.map(|it| format!("-{}", it.to_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(template: &str, api_version: &str, kind: &str) -> Vec<String> {
        let base = RepoPath::root().join("schemas").unwrap();
        let template = Template::new(base, template).unwrap();
        let paths = template.paths(&Gvk::new(api_version, kind), Minor::default());
        paths.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fields_are_filled_as_kubeconform_fills_them() {
        let found = paths(STANDARD, "networking.k8s.io/v1", "NetworkPolicy");
        assert_eq!(found[0], "schemas/v1.33.0-standalone-strict/networkpolicy-networking-v1.json");
        assert_eq!(found[1], "schemas/v1.33.0-standalone/networkpolicy-networking-v1.json");
        assert_eq!(found[5], "schemas/master-standalone/networkpolicy-networking-v1.json");
        assert_eq!(paths(FLAT, "v1", "Service"), ["schemas/service-v1.json"]);
        assert_eq!(
            paths(
                "{{.Group}}/{{.ResourceKind}}_{{- .ResourceAPIVersion -}}.json",
                "example.com/v1beta1",
                "Widget"
            ),
            ["schemas/example.com/widget_v1beta1.json"]
        );
        assert_eq!(paths("{{ .Group }}.yaml", "v1", "Pod"), ["schemas/v1.yaml"]);
        assert_eq!(paths("{{ .Group }}", "v1", "Pod")[1], "schemas/v1/v1.33.0-standalone/pod-v1.json");
    }

    #[test]
    fn no_kind_leads_out_of_the_folder() {
        assert!(paths(CRDS_CATALOG, "../../etc/v1", "Pod").is_empty());
        assert!(paths(CRDS_CATALOG, "x/v1", "../../../Pod").is_empty());
    }

    #[test]
    fn what_is_no_field_is_refused() {
        let refused = |text: &str| Template::new(RepoPath::root(), text).unwrap_err().to_string();
        assert_eq!(refused("a/{{ .Kind"), "`{{` is never closed in `a/{{ .Kind`");
        assert!(
            refused("{{ .Kind }}.json")
                .starts_with("`.Kind` is no field of a schema location: there are `{{ .Group }}`")
        );
        assert!(refused("{{ if .Group }}x{{ end }}.json").starts_with("`if .Group` is no field"));
    }

    #[test]
    fn the_folder_ends_before_the_first_field() {
        assert_eq!(Template::split("a/b/x-{{ .Group }}/y"), Some(("a/b", "x-{{ .Group }}/y")));
        assert_eq!(Template::split("/{{.Group}}"), Some(("/", "{{.Group}}")));
        assert_eq!(Template::split("{{.Group}}"), Some(("", "{{.Group}}")));
        assert_eq!(Template::split("a/b"), None);
    }
}
