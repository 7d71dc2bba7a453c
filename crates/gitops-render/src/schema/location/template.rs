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
    /// The folder that the paths begin in.
    pub fn folder(&self) -> &RepoPath {
        &self.base
    }

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

    /// Reads the paths that the template makes.
    pub(super) fn reader(&self) -> Option<Reader> {
        let mut pattern = "^".to_owned();
        for piece in &self.pieces {
            pattern.push_str(&match piece {
                Piece::Text(text) => regex::escape(text),
                Piece::Field(Field::Group) => named(&pattern, "group", "[^/]+"),
                Piece::Field(Field::ResourceKind) => named(&pattern, "kind", "[^/_.-]+"),
                Piece::Field(Field::ResourceApiVersion) => named(&pattern, "version", VERSION),
                Piece::Field(Field::KubernetesVersion) => r"(?:v\d+\.\d+(?:\.\d+)?|master)".to_owned(),
                Piece::Field(Field::StrictSuffix) => "(?:-strict)?".to_owned(),
                Piece::Field(Field::KindSuffix) if pattern.contains("(?<suffixed>") => "-.+".to_owned(),
                Piece::Field(Field::KindSuffix) => format!("(?:-(?<label>[^/.-]+))?-(?<suffixed>{VERSION})"),
            });
        }
        regex::Regex::new(&(pattern + "$")).ok().map(Reader)
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

/// A version as files have it.
const VERSION: &str = r"v\d[a-z0-9]*";

/// A group of a regular expression, which can have its name only once.
fn named(pattern: &str, name: &str, what: &str) -> String {
    if pattern.contains(&format!("(?<{name}>")) { what.to_owned() } else { format!("(?<{name}>{what})") }
}

/// Tells which kind the file of a template is for.
pub(super) struct Reader(regex::Regex);

impl Reader {
    /// The kind that a path is called after, if the template makes it.
    pub(super) fn read(&self, path: &str) -> Option<FileName> {
        let found = self.0.captures(path)?;
        let text = |name: &str| found.name(name).map(|it| it.as_str().to_owned());
        let version = text("version").or_else(|| text("suffixed"))?;
        let label = text("label").unwrap_or_default();
        // kubeconform calls the group of core objects by its version.
        let group = text("group").map(|it| if it == version { String::new() } else { it });
        Some(FileName { kind: text("kind")?, version, group, label })
    }
}

/// What the path of a schema file tells about its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::schema) struct FileName {
    /// In lower case.
    kind: String,
    version: String,
    /// `None` if the path has at most its beginning.
    group: Option<String>,
    /// What stands before the first dot of the group; empty for core objects.
    label: String,
}

impl FileName {
    /// Whether the file is called after a kind.
    pub(in crate::schema) fn means(&self, gvk: &Gvk) -> bool {
        let is_group = match &self.group {
            Some(group) => *group == *gvk.group,
            None => self.label == gvk.group.split('.').next().unwrap_or_default(),
        };
        is_group && self.version == *gvk.version && self.kind == gvk.kind.to_lowercase()
    }

    /// The kind as far as it can be told.
    pub(in crate::schema) fn gvk(&self) -> Gvk {
        let group = self.group.as_deref().unwrap_or(&self.label);
        Gvk { group: group.into(), version: (&*self.version).into(), kind: (&*self.kind).into() }
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
    fn a_path_tells_the_kind_that_it_was_made_for() {
        let read = |template: &str, path: &str| {
            Template::new(RepoPath::root(), template).unwrap().reader().unwrap().read(path)
        };
        let shown = |template: &str, path: &str| read(template, path).map(|it| it.gvk().to_string());
        let standard = "v1.33.0-standalone-strict/networkpolicy-networking-v1.json";
        assert_eq!(shown(STANDARD, standard).as_deref(), Some("networking/v1 networkpolicy"));
        assert_eq!(shown(STANDARD, "master-standalone/pod-v1.json").as_deref(), Some("v1 pod"));
        assert_eq!(
            shown(CRDS_CATALOG, "a.b.io/widget_v1beta1.json").as_deref(),
            Some("a.b.io/v1beta1 widget")
        );
        let twice = "x/{{ .Group }}/{{.Group}}_{{.ResourceKind}}{{.KindSuffix}}.json";
        assert_eq!(shown(twice, "x/a/a_b-a-v2.json").as_deref(), Some("a/v2 b"));
        assert_eq!(shown(CRDS_CATALOG, "a.b.io/readme.json"), None);
        let name = read(STANDARD, standard).unwrap();
        assert!(name.means(&Gvk::new("networking.k8s.io/v1", "NetworkPolicy")));
        assert!(!name.means(&Gvk::new("networking.k8s.io/v1beta1", "NetworkPolicy")));
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
