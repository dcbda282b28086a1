//! What surrounds the numbers: the tokenizer that a GGUF file carries, and the template that turns a conversation into
//! one text.

use std::collections::HashMap;

use base::{Error, Result};
use candle_core::quantized::gguf_file::Value;
use minijinja::{Environment, syntax::SyntaxConfig};
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::unicode::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, SplitDelimiterBehavior, Tokenizer};

use crate::request::Message;

/// The pattern by which Qwen2 cuts words, from its published tokenizer.
const QWEN2_WORDS: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
);
/// Used when a file carries no template; most instruct models understand it.
const CHATML: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}\
                      {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
/// Kinds of tokens in GGUF: these two are not text.
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;
/// Steps that a template may take.
const TEMPLATE_FUEL: u64 = 200_000;

pub(super) struct Language {
    pub tokenizer: Tokenizer,
    /// Tokens that end an answer.
    pub ends: Vec<u32>,
    /// How the file spells its control tokens.
    control: Vec<String>,
    templates: Environment<'static>,
    begin: Option<String>,
    begin_id: Option<u32>,
}

impl Language {
    pub(super) fn read(metadata: &HashMap<String, Value>) -> Result<Self> {
        let wrong = |what: &str| Error::unsupported(format!("This language model cannot be used: {what}."));
        let text = |key: &str| metadata.get(key).and_then(|v| v.to_string().ok());
        let list = |key: &str| metadata.get(key).and_then(|v| v.to_vec().ok());
        if text("tokenizer.ggml.model").map(String::as_str) != Some("gpt2") {
            return Err(wrong("it cuts words in a way that is not known here"));
        }
        let words = list("tokenizer.ggml.tokens").ok_or_else(|| wrong("it has no vocabulary"))?;
        let words: Vec<String> = words.iter().filter_map(|v| v.to_string().ok().cloned()).collect();
        let merges = list("tokenizer.ggml.merges").ok_or_else(|| wrong("it has no vocabulary"))?;
        let merges = merges
            .iter()
            .filter_map(|v| v.to_string().ok()?.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())))
            .collect();
        let vocabulary: Vocab = words.iter().cloned().zip(0..).collect();
        let model = BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .build()
            .map_err(|e| wrong("its vocabulary is damaged").with_cause(e))?;
        let mut tokenizer = Tokenizer::new(model);
        let kind = text("tokenizer.ggml.pre").map_or("", String::as_str);
        let cut = cutting(kind).map_err(Error::internal)?;
        tokenizer.with_pre_tokenizer(Some(cut)).with_decoder(Some(ByteLevel::new(false, true, false)));
        if kind == "qwen2" {
            tokenizer.with_normalizer(Some(NFC)).map_err(Error::internal)?;
        }
        let kinds = list("tokenizer.ggml.token_type").map_or(&[][..], Vec::as_slice);
        let is = |at: usize, kind: u64| kinds.get(at).and_then(number) == Some(kind);
        let control: Vec<String> =
            words.iter().enumerate().filter(|(at, _)| is(*at, CONTROL)).map(|(_, w)| w.clone()).collect();
        let own = words.iter().enumerate().filter(|(at, _)| is(*at, USER_DEFINED)).map(|(_, w)| w);
        let special = control.iter().map(|w| AddedToken::from(w.as_str(), true));
        tokenizer
            .add_special_tokens(special)
            .and_then(|_| tokenizer.add_tokens(own.map(|w| AddedToken::from(w.as_str(), false))))
            .map_err(Error::internal)?;

        let id = |key: &str| metadata.get(key).and_then(number).and_then(|n| u32::try_from(n).ok());
        let mut ends: Vec<u32> = id("tokenizer.ggml.eos_token_id").into_iter().collect();
        ends.extend(["<|im_end|>", "<|endoftext|>", "<|eot_id|>"].iter().filter_map(|w| tokenizer.token_to_id(w)));
        let begins = metadata.get("tokenizer.ggml.add_bos_token").and_then(|v| v.to_bool().ok()).unwrap_or(false);
        let begin_id = id("tokenizer.ggml.bos_token_id").filter(|_| begins);
        let begin = begin_id.and_then(|id| words.get(id as usize)).cloned();
        let template = text("tokenizer.chat_template").map_or(CHATML, String::as_str);
        Ok(Self { tokenizer, ends, control, templates: environment(template)?, begin, begin_id })
    }

    /// The conversation as the model wants to read it, ready for its answer.
    pub(super) fn prompt(&self, messages: &[Message]) -> Result<Vec<u32>> {
        let messages: Vec<_> = messages
            .iter()
            .map(|m| serde_json::json!({ "role": m.role.name(), "content": self.without_control(&m.text) }))
            .collect();
        let context = serde_json::json!({
            "messages": messages,
            "add_generation_prompt": true,
            "bos_token": self.begin.as_deref().unwrap_or(""),
        });
        let template = self.templates.get_template("chat").map_err(Error::internal)?;
        let text = template.render(minijinja::Value::from(minijinja::value::Serde(context))).map_err(|e| {
            Error::unsupported("This language model's conversation template cannot be used.").with_cause(e)
        })?;
        let mut ids = self.tokenizer.encode_fast(text, false).map_err(Error::internal)?.get_ids().to_vec();
        if let Some(begin) = self.begin_id
            && ids.first() != Some(&begin)
        {
            ids.insert(0, begin);
        }
        Ok(ids)
    }

    /// What a customer writes must not end their turn and speak as someone else.
    fn without_control(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // Removing one may join the ends of another.
        while let Some(found) = self.control.iter().find(|c| text.contains(c.as_str())) {
            text = text.replace(found.as_str(), "");
        }
        text
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::I32(n) => u64::try_from(*n).ok(),
        Value::I64(n) => u64::try_from(*n).ok(),
        other => other.to_u64().ok(),
    }
}

fn cutting(kind: &str) -> tokenizers::Result<PreTokenizerWrapper> {
    Ok(match kind {
        "qwen2" => {
            let words = SplitPattern::Regex(QWEN2_WORDS.to_owned());
            let words = Split::new(words, SplitDelimiterBehavior::Isolated, false)?;
            Sequence::new(vec![words.into(), ByteLevel::new(false, true, false).into()]).into()
        }
        "smollm" => Sequence::new(vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()]).into(),
        _ => ByteLevel::new(false, true, true).into(),
    })
}

fn environment(template: &str) -> Result<Environment<'static>> {
    let unusable = |e| Error::unsupported("This language model's conversation template cannot be used.").with_cause(e);
    let mut environment = Environment::new();
    // As the templates' authors expect them to be read.
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(unusable)?);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", |text: String| -> Result<String, minijinja::Error> {
        Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, text))
    });
    environment.set_fuel(Some(TEMPLATE_FUEL));
    environment.add_template_owned("chat", template.to_owned()).map_err(unusable)?;
    Ok(environment)
}

/// Turns tokens into text as they come; a character may need several.
pub(super) struct Spelling<'a> {
    tokenizer: &'a Tokenizer,
    ids: Vec<u32>,
    /// From here on tokens are decoded again, to see what the newest add.
    from: usize,
    shown: usize,
}

impl<'a> Spelling<'a> {
    pub(super) fn new(tokenizer: &'a Tokenizer) -> Self {
        Self { tokenizer, ids: Vec::new(), from: 0, shown: 0 }
    }

    /// The text that this token completes.
    pub(super) fn push(&mut self, id: u32) -> Result<String> {
        self.ids.push(id);
        let text = self.tokenizer.decode(&self.ids[self.from..], true).map_err(Error::internal)?;
        let before = self.tokenizer.decode(&self.ids[self.from..self.shown], true).map_err(Error::internal)?;
        if text.len() <= before.len() || text.ends_with('\u{fffd}') {
            return Ok(String::new());
        }
        let new = text.get(before.len()..).unwrap_or_default().to_owned();
        self.from = self.shown;
        self.shown = self.ids.len();
        Ok(new)
    }
}
