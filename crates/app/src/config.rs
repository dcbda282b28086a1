//! Configuration: a file, then the environment, then flags; each may override the one before.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::brand::Brand;

/// How the program runs. The file is `botflow.toml` in the data folder; in the environment the same names are upper
/// case with `BOTFLOW_` before them, such as `BOTFLOW_PORT`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where everything is kept.
    pub data: PathBuf,
    /// The port of the owner's interface; 0 for any free one.
    pub port: u16,
    /// The port of what the world may reach; 0 for any free one.
    pub public_port: u16,
    /// The address the owner's interface listens on; other than loopback only on purpose.
    pub address: IpAddr,
    /// The address the public listener listens on. A tunnel program on this machine needs no more than loopback.
    pub public_address: IpAddr,
    /// Host names besides this machine's own under which the interface may be opened.
    pub host_names: Vec<String>,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub log: String,
    /// The folder of models, when it is not `models` in the data folder.
    pub models: Option<PathBuf>,
    /// Where larger models come from; a mirror of the public hub.
    pub models_hub: Option<String>,
    /// The Graph API with its version; another one for tests, or a proxy.
    pub graph_url: String,
    /// Web pages and services in the own network may be opened, too. Only for tests and for owners who mean it.
    pub allow_private_addresses: bool,
    /// How long the provider has to tell that it got a doubtful message after all, in milliseconds.
    pub doubt_ms: u64,
    /// Between two checks of a public address that works, in milliseconds.
    pub address_check_ms: u64,
    /// So long out of reach of the world, and the owner is told; in milliseconds.
    pub address_alarm_ms: u64,
    /// New work is refused when less than this is free on the disk, in megabytes.
    pub min_free_mb: u64,
    /// The folder in which newer versions are published; nothing, and versions come by hand.
    pub update_address: Option<String>,
    /// The public key of who publishes them.
    pub update_key: Option<String>,
    /// A new version has to get ready within this time, in milliseconds.
    pub update_patience_ms: u64,
    /// Loads the sample business on first start.
    pub sample: bool,
    /// Which program this is; said to whoever starts a second one on the same folder.
    #[serde(skip)]
    pub kind: machine::Kind,
    /// Whose file it is, and so which updates are its own: that with a window also runs without one.
    #[serde(skip)]
    pub program: machine::Kind,
    /// Somebody asked for this very port, so that no other will do.
    #[serde(skip)]
    pub port_is_asked_for: bool,
    /// The same of the public one.
    #[serde(skip)]
    pub public_port_is_asked_for: bool,
    /// The public key that the program brings, or that whoever started it named: never one out of the data folder, which
    /// may be somebody else's.
    #[serde(skip)]
    pub own_update_key: Option<String>,
    /// What it was read with; nothing when it was put together otherwise.
    #[serde(skip)]
    pub flags: Option<Overrides>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: default_data(),
            port: Brand::current().port.unwrap_or(4870),
            public_port: Brand::current().port.map_or(4871, |port| port.saturating_add(1)),
            address: IpAddr::from([127, 0, 0, 1]),
            public_address: IpAddr::from([127, 0, 0, 1]),
            host_names: Vec::new(),
            log: "info".into(),
            models: None,
            models_hub: None,
            graph_url: channels::whatsapp::DEFAULT_BASE_URL.into(),
            allow_private_addresses: false,
            doubt_ms: 120_000,
            address_check_ms: 300_000,
            address_alarm_ms: 600_000,
            min_free_mb: 256,
            update_address: Brand::current().update_address.clone(),
            update_key: Brand::current().update_key.clone(),
            update_patience_ms: 60_000,
            sample: false,
            kind: machine::Kind::default(),
            program: machine::Kind::default(),
            port_is_asked_for: false,
            public_port_is_asked_for: false,
            own_update_key: None,
            flags: None,
        }
    }
}

/// What flags say; nothing where they say nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    pub data: Option<PathBuf>,
    pub port: Option<u16>,
    pub public_port: Option<u16>,
    pub sample: bool,
}

impl Config {
    /// Reads file, environment and flags, and checks the result.
    pub fn load(flags: Overrides) -> Result<Config> {
        let data = flags
            .data
            .clone()
            .or_else(|| std::env::var_os("BOTFLOW_DATA").map(PathBuf::from))
            .unwrap_or_else(default_data);
        let file = data.join("botflow.toml");
        let environment: Vec<(String, String)> =
            std::env::vars().filter(|(name, _)| name.starts_with("BOTFLOW_")).collect();
        Self::from_parts(&data, &file, &environment, flags)
    }

    /// Read anew with the same flags, since another file came into the folder. What this program is and where it was
    /// stays: nobody who looks on should lose it.
    pub(crate) fn anew(&self) -> Result<Config> {
        let Some(flags) = self.flags.clone() else { return Ok(self.clone()) };
        let read = Self::load(Overrides { data: Some(self.data.clone()), ..flags })?;
        Ok(Config { port: self.port, public_port: self.public_port, kind: self.kind, program: self.program, ..read })
    }

    /// Whether these words alone would do as the file.
    pub(crate) fn can_be(words: &str) -> bool {
        let read = config::Config::try_from(&Config::default()).and_then(|usual| {
            let file = config::File::from_str(words, config::FileFormat::Toml);
            config::Config::builder().add_source(usual).add_source(file).build()?.try_deserialize::<Config>()
        });
        read.is_ok_and(|config| config.check().is_ok())
    }

    fn from_parts(data: &Path, file: &Path, environment: &[(String, String)], flags: Overrides) -> Result<Config> {
        let known = config::Environment::with_prefix("BOTFLOW")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("host_names")
            .source(Some(
                environment
                    .iter()
                    .filter(|(name, value)| !value.is_empty() && !NOT_SETTINGS.contains(&name.as_str()))
                    .cloned()
                    .collect(),
            ));
        let wrong = |e: config::ConfigError| {
            Error::invalid(format!("The configuration cannot be used: {e}. Look at {}.", file.display()))
        };
        let asked = config::Config::builder()
            .add_source(config::File::from(file.to_owned()).required(false).format(config::FileFormat::Toml))
            .add_source(known)
            .build()
            .map_err(wrong)?;
        let is_asked = |name: &str, flag: Option<u16>| flag.is_some() || asked.get_string(name).is_ok();
        let (port_is_asked_for, public_port_is_asked_for) =
            (is_asked("port", flags.port), is_asked("public_port", flags.public_port));
        let read = config::Config::builder()
            .add_source(config::Config::try_from(&Config::default()).map_err(Error::internal)?)
            .add_source(asked)
            .build()
            .and_then(config::Config::try_deserialize::<Config>)
            .map_err(wrong)?;
        let named = environment.iter().find(|(name, value)| name == "BOTFLOW_UPDATE_KEY" && !value.is_empty());
        let own_update_key = named.map(|(_, value)| value.clone()).or_else(|| Brand::current().update_key.clone());
        let mut config = Config {
            data: data.to_owned(),
            own_update_key,
            port_is_asked_for,
            public_port_is_asked_for,
            flags: Some(flags.clone()),
            ..read
        };
        if let Some(port) = flags.port {
            config.port = port;
            // Asked for one port only, the other one stays beside it.
            config.public_port = flags.public_port.unwrap_or(if port == 0 { 0 } else { port.saturating_add(1) });
        }
        if let Some(port) = flags.public_port {
            config.public_port = port;
        }
        config.sample |= flags.sample;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        if self.port != 0 && self.port == self.public_port {
            return Err(Error::invalid("“port” and “public_port” must differ; only the public one is for the world."));
        }
        let graph: url::Url =
            self.graph_url.parse().map_err(|_| Error::invalid("“graph_url” should be a web address."))?;
        if !matches!(graph.scheme(), "http" | "https") {
            return Err(Error::invalid("“graph_url” should begin with https://."));
        }
        Ok(())
    }

    /// The folder of models: the configured one, or `models` in the data folder.
    pub fn models_folder(&self) -> PathBuf {
        self.models.clone().unwrap_or_else(|| self.data.join("models"))
    }
}

/// In the environment for other parts than the server.
const NOT_SETTINGS: [&str; 13] = [
    "BOTFLOW_DATA",
    update::INSTALLED,
    update::WATCHED,
    "BOTFLOW_CI_TARGET",
    "BOTFLOW_API",
    "BOTFLOW_PROGRAM",
    "BOTFLOW_BROWSER",
    "BOTFLOW_CASES",
    "BOTFLOW_SEED",
    "BOTFLOW_CRASH_AT",
    "BOTFLOW_CRASH_MESSAGES",
    "BOTFLOW_CRASH_KILLS",
    "BOTFLOW_CRASH_SEED",
];

fn default_data() -> PathBuf {
    let name = Brand::current().data_name();
    directories::ProjectDirs::from("", "", name)
        .map_or_else(|| PathBuf::from(format!("{name}-data")), |dirs| dirs.data_local_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, environment: &[(&str, &str)], flags: Overrides) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("botflow.toml");
        std::fs::write(&path, file).unwrap();
        let environment: Vec<_> = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::from_parts(folder.path(), &path, &environment, flags)
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let file = "port = 5000\nlog = \"debug\"\nmin_free_mb = 10";
        let config = load(file, &[("BOTFLOW_PORT", "6000")], Overrides::default()).unwrap();
        assert_eq!((config.port, config.log.as_str(), config.min_free_mb), (6000, "debug", 10));
        let flags = Overrides { port: Some(7000), ..Overrides::default() };
        let config = load(file, &[("BOTFLOW_PORT", "6000")], flags).unwrap();
        assert_eq!((config.port, config.public_port), (7000, 7001));
    }

    #[test]
    fn a_folder_does_not_say_whose_programs_may_be_run_out_of_it() {
        let file = "update_key = \"of the folder\"";
        let of = |environment| {
            let config = load(file, environment, Overrides::default()).unwrap();
            (config.update_key.unwrap(), config.own_update_key)
        };
        assert_eq!(of(&[]), ("of the folder".to_owned(), None));
        assert_eq!(of(&[("BOTFLOW_UPDATE_KEY", "named")]), ("named".to_owned(), Some("named".to_owned())));
    }

    #[test]
    fn a_port_that_somebody_named_is_told_from_the_usual_one() {
        for (file, environment, port, public) in [
            ("", &[][..], false, false),
            ("log = \"debug\"", &[("BOTFLOW_MIN_FREE_MB", "1")][..], false, false),
            ("port = 5000", &[][..], true, false),
            ("public_port = 4871", &[][..], false, true),
            ("", &[("BOTFLOW_PORT", "6000")][..], true, false),
        ] {
            let config = load(file, environment, Overrides::default()).unwrap();
            assert_eq!((config.port_is_asked_for, config.public_port_is_asked_for), (port, public), "{file}");
        }
        let flags = Overrides { port: Some(7000), ..Overrides::default() };
        let config = load("", &[], flags).unwrap();
        assert!(config.port_is_asked_for && !config.public_port_is_asked_for);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (file, environment, word) in [
            ("prot = 5000", &[][..], "prot"),
            ("port = \"many\"", &[][..], "port"),
            ("port = 4871", &[][..], "public_port"),
            ("graph_url = \"nonsense\"", &[][..], "graph_url"),
            ("", &[("BOTFLOW_PORT", "99999")][..], "port"),
            ("", &[("BOTFLOW_PROT", "1")][..], "prot"),
        ] {
            let error = load(file, environment, Overrides::default()).unwrap_err();
            assert!(error.message.contains(word), "{file} {environment:?}: {}", error.message);
        }
    }
}
