//! The brand: BotFlow's own, or a reseller's whose `brand.json` came with the program.
//!
//! A package puts what belongs to the program into `<prefix>/share/<program>`, where the program is `<prefix>/bin/<program>`;
//! a folder that is carried around has it beside the program. Two brands on one machine are two programs of other names.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use axum::Router;
use axum::response::{IntoResponse, Response};
use base::{Error, Result, product};
use flate2::read::GzDecoder;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const FILE: &str = "brand.json";
/// What is larger is no brand.
const MAX_FILE_BYTES: u64 = 64 << 10;
const MAX_PICTURE_BYTES: u64 = 512 << 10;
const MAX_LICENCES_BYTES: u64 = 4 << 20;

/// What a brand says. The file may say less, and more than this version knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brand {
    pub product_name: String,
    /// As `com.example.product`; the folder for data is named by it.
    pub identifier: Option<String>,
    /// What the program's file is called; links into it begin so.
    pub program: Option<String>,
    /// `#rrggbb`, where the business has chosen no colour of its own.
    pub accent: Option<String>,
    /// The picture of the name, a file beside `brand.json`.
    pub logo: Option<String>,
    pub support: Support,
    pub links: Vec<Link>,
    /// The language of the interface until somebody chooses another one.
    pub language: Option<String>,
    /// A sentence or two for the page where people sign in.
    pub start_text: Option<String>,
    /// New businesses begin with these.
    pub bots: Vec<bots::FirstBot>,
    /// Where newer versions are looked for.
    pub update_address: Option<String>,
    /// The public key of who publishes them.
    pub update_key: Option<String>,
    /// The port of the interface unless another one is configured; the public port follows it.
    pub port: Option<u16>,
    #[serde(skip)]
    folder: Option<PathBuf>,
}

/// Whom to ask for help.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Support {
    #[schema(required)]
    pub email: Option<String>,
    #[schema(required)]
    pub phone: Option<String>,
    #[schema(required)]
    pub url: Option<String>,
}

/// An address with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BrandLink)]
pub struct Link {
    pub title: String,
    pub url: String,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            product_name: product::DEFAULT.into(),
            identifier: None,
            program: None,
            accent: None,
            logo: None,
            support: Support::default(),
            links: Vec::new(),
            language: None,
            start_text: None,
            bots: Vec::new(),
            update_address: None,
            update_key: None,
            port: None,
            folder: None,
        }
    }
}

/// What the pages need to know of it, before anybody has signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Brand)]
pub(crate) struct Shown {
    product_name: String,
    #[schema(required)]
    accent: Option<String>,
    /// The address of the picture.
    #[schema(required)]
    logo: Option<&'static str>,
    support: Support,
    links: Vec<Link>,
    #[schema(required)]
    language: Option<String>,
    #[schema(required)]
    start_text: Option<String>,
}

impl Brand {
    /// The brand of this program, read once. A file that cannot be read is as good as none.
    pub fn current() -> &'static Brand {
        static CURRENT: OnceLock<Brand> = OnceLock::new();
        CURRENT.get_or_init(|| {
            let brand = match shared().map(|folder| Self::read(&folder)) {
                None => Brand::default(),
                Some(Ok(brand)) => brand,
                Some(Err(e)) => {
                    tracing::error!(error = ?e, "the brand is left out");
                    Brand::default()
                }
            };
            product::set(&brand.product_name, brand.program_name(), brand.accent.as_deref());
            brand
        })
    }

    /// The brand in `folder`. Errors: its file is no brand.
    fn read(folder: &Path) -> Result<Brand> {
        let file = folder.join(FILE);
        let Some(bytes) = read_small(&file, MAX_FILE_BYTES) else { return Ok(Brand::default()) };
        let brand: Brand = serde_json::from_slice(&bytes)
            .map_err(|e| Error::invalid(format!("{} is no brand: {e}.", file.display())))?;
        if brand.product_name.trim().is_empty() {
            return Err(Error::invalid(format!("{} names no product.", file.display())));
        }
        Ok(Brand { folder: Some(folder.to_owned()), ..brand })
    }

    /// Under which name the program keeps its data among those of other programs.
    pub(crate) fn data_name(&self) -> &str {
        self.identifier.as_deref().unwrap_or(&self.product_name)
    }

    /// What the server's file is called where it is installed.
    pub fn program_name(&self) -> &str {
        self.program.as_deref().unwrap_or("botflow")
    }

    /// What links into the program begin with. The packages tell the system of the same one.
    pub fn scheme(&self) -> &str {
        self.program_name()
    }

    /// A folder of ready flows that the brand brings along.
    pub(crate) fn templates(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("templates")).filter(|folder| folder.is_dir())
    }

    fn shown(&self) -> Shown {
        Shown {
            product_name: self.product_name.clone(),
            accent: self.accent.clone(),
            logo: self.logo.is_some().then_some("/brand/logo"),
            support: self.support.clone(),
            links: self.links.clone(),
            language: self.language.clone(),
            start_text: self.start_text.clone(),
        }
    }

    /// A picture that lies beside the file, with its kind. Names that lead elsewhere name nothing.
    fn picture(&self, name: &str) -> Option<(&'static str, Vec<u8>)> {
        let kind = match Path::new(name).extension()?.to_str()? {
            "svg" => "image/svg+xml",
            "png" => "image/png",
            _ => return None,
        };
        if Path::new(name).file_name()? != name {
            return None;
        }
        Some((kind, read_small(&self.folder.as_ref()?.join(name), MAX_PICTURE_BYTES)?))
    }

    /// The first page with the name in its title and all else where the script finds it at once.
    pub(crate) fn put_into(&self, page: &str) -> String {
        let shown = serde_json::to_string(&self.shown()).unwrap_or_default();
        let meta = format!("<meta name=\"brand\" content=\"{}\" />", escape(&shown));
        let title = format!("<title>{}</title>", escape(&self.product_name));
        page.replacen(&format!("<title>{}</title>", product::DEFAULT), &format!("{meta}{title}"), 1)
    }
}

/// The folder of what came with the program, when there is one. Looked for once: while a newer version is being installed
/// the system has no name for the file of this one.
pub fn shared() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| shared_by(&update::installed_program()?)).clone()
}

fn shared_by(program: &Path) -> Option<PathBuf> {
    let beside = program.parent()?;
    let name = program.file_stem()?;
    let share = beside.parent()?.join("share").join(name);
    if share.is_dir() {
        return Some(share);
    }
    beside.join(FILE).is_file().then(|| beside.to_owned())
}

/// The models that came with the program.
pub(crate) fn shipped_models() -> Option<PathBuf> {
    shared().map(|folder| folder.join("models")).filter(|folder| folder.is_dir())
}

/// What the pages show of the brand.
#[utoipa::path(get, path = "/brand", operation_id = "getBrand", tag = "brand", security(()),
    responses((status = 200, body = Shown)))]
async fn show() -> axum::Json<Shown> {
    axum::Json(Brand::current().shown())
}

pub(crate) fn api<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The brand's pictures: the one of its name.
pub(crate) fn pictures() -> Router {
    async fn logo() -> Response {
        let brand = Brand::current();
        picture(brand.logo.as_deref().and_then(|name| brand.picture(name)))
    }
    Router::new().route("/brand/logo", axum::routing::get(logo))
}

/// The licences of everything in the package, where one was installed.
pub(crate) fn licences() -> Option<Response> {
    let packed = read_small(&shared()?.join("licences.txt.gz"), MAX_LICENCES_BYTES)?;
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).take(MAX_LICENCES_BYTES * 8).read_to_string(&mut text).ok()?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    Some((headers, text).into_response())
}

/// The brand's icon, where it has one.
pub(crate) fn icon() -> Option<Response> {
    Brand::current().picture("icon.svg").map(|found| picture(Some(found)))
}

fn picture(found: Option<(&'static str, Vec<u8>)>) -> Response {
    let Some((kind, bytes)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, bytes).into_response()
}

fn read_small(file: &Path, limit: u64) -> Option<Vec<u8>> {
    let known = std::fs::metadata(file).ok()?;
    if !known.is_file() || known.len() > limit {
        return None;
    }
    std::fs::read(file).ok()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(brand: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), brand).unwrap();
        folder
    }

    #[test]
    fn a_folder_without_a_brand_is_our_own() {
        assert_eq!(Brand::read(tempfile::tempdir().unwrap().path()).unwrap(), Brand::default());
    }

    #[test]
    fn a_file_that_says_little_or_more_than_is_known_is_read() {
        let place = folder(r#"{"product_name": "Help Desk", "identifier": "com.example.desk", "of_tomorrow": [1]}"#);
        let brand = Brand::read(place.path()).unwrap();
        assert_eq!((brand.product_name.as_str(), brand.data_name()), ("Help Desk", "com.example.desk"));
    }

    #[test]
    fn links_begin_with_the_name_that_the_packages_tell_the_system() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../installers/brand.example.json");
        let place = folder(&std::fs::read_to_string(sample).unwrap());
        // The packer's own test makes an entry of the same file and looks for the same word.
        assert_eq!(Brand::read(place.path()).unwrap().scheme(), "helpdesk");
        assert_eq!(Brand::default().scheme(), "botflow");
    }

    #[test]
    fn what_is_no_brand_is_refused_with_the_name_of_the_file() {
        for text in ["", "7", r#"{"product_name": " "}"#, r#"{"port": 70000}"#] {
            let place = folder(text);
            assert!(Brand::read(place.path()).unwrap_err().message.contains(FILE), "{text}");
        }
    }

    #[test]
    fn a_picture_comes_from_the_brands_own_folder_only() {
        let place = folder("{\"product_name\": \"Help\"}");
        std::fs::write(place.path().join("logo.svg"), "<svg/>").unwrap();
        let brand = Brand::read(place.path()).unwrap();
        for (name, there) in
            [("logo.svg", true), ("other.svg", false), ("../logo.svg", false), (FILE, false), ("/etc/passwd", false)]
        {
            assert_eq!(brand.picture(name).is_some(), there, "{name}");
        }
    }

    #[test]
    fn what_belongs_to_a_program_is_found_by_its_name_or_beside_it() {
        let place = tempfile::tempdir().unwrap();
        let program = place.path().join("bin/helpdesk");
        std::fs::create_dir_all(place.path().join("bin")).unwrap();
        assert_eq!(shared_by(&program), None);
        std::fs::write(place.path().join("bin").join(FILE), "{}").unwrap();
        assert_eq!(shared_by(&program), Some(place.path().join("bin")));
        std::fs::create_dir_all(place.path().join("share/helpdesk")).unwrap();
        assert_eq!(shared_by(&program), Some(place.path().join("share/helpdesk")));
    }

    #[test]
    fn no_name_ends_the_page_that_it_is_put_into() {
        let brand = Brand { product_name: "A\"><script>x</script>".into(), ..Brand::default() };
        let page = brand.put_into("<head><title>BotFlow</title></head>");
        assert!(!page.contains("<script>") && page.contains("<title>A&quot;&gt;&lt;script"), "{page}");
    }
}
