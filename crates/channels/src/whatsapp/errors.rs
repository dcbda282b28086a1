//! What Meta's error codes mean: for the program what to do, for the owner what happened and the one thing to do.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::json;

/// An error as Meta spells it, in an answer, a status, a message or a webhook's value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GraphError {
    pub code: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<i64>,
    /// Meta's title or message; for logs and support, not for owners.
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub details: String,
    /// Meta's own reference, which its support asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

impl GraphError {
    /// Reads an error object; nothing when it has no code.
    pub fn parse(v: &Value) -> Option<Self> {
        let code = json::int(v, "code")?;
        let data = v.get("error_data").unwrap_or(&Value::Null);
        Some(Self {
            code,
            subcode: json::int(v, "error_subcode"),
            message: json::line(v, "message").or_else(|| json::line(v, "title")).unwrap_or_default(),
            details: json::line(data, "details").or_else(|| json::line(v, "details")).unwrap_or_default(),
            trace: json::line(v, "fbtrace_id"),
        })
    }

    /// The error behind a refusal of which only code and details are known.
    pub fn of(code: i64, details: &str) -> Self {
        Self { code, details: details.to_owned(), ..Self::default() }
    }

    /// The errors in `v.errors`.
    pub(crate) fn list(v: &Value) -> Vec<Self> {
        json::list(v, "errors").iter().filter_map(Self::parse).collect()
    }

    /// The error of a Graph API answer: `{"error": {...}}`.
    pub fn from_answer(v: &Value) -> Option<Self> {
        Self::parse(v.get("error")?)
    }

    pub fn class(&self) -> Class {
        let text = if self.details.is_empty() { &self.message } else { &self.details };
        classify(self.code, Some(text))
    }

    /// For the owner: what happened, what it means for customers, the one thing to do.
    pub fn sentence(&self) -> &'static str {
        special(self.code).unwrap_or_else(|| self.class().sentence())
    }
}

/// What kind of refusal a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The token is wrong, expired or lacks a permission.
    Token,
    /// Too much at once for the number, app or account.
    Rate,
    /// Too much at once to one customer.
    PairRate,
    /// Meta has limited the number for its quality or for breaking rules.
    Spam,
    /// A fault on Meta's side that goes by.
    Transient,
    /// The service window is closed: only templates.
    Window,
    /// This customer cannot get this message.
    Undeliverable,
    /// Meta's cap on marketing messages for this customer is reached.
    MarketingCap,
    /// The customer does not want marketing messages.
    OptedOut,
    /// This kind of message needs a phone number instead of a user id.
    NeedsPhone,
    /// The request is wrong: a fault in the bot's step or in this program.
    Request,
    /// The template is missing, paused, or does not fit its values.
    Template,
    /// The payment method, the certificate or the number's registration.
    Billing,
    /// Calls, forms, blocked users, and codes that are not known.
    Other,
}

/// What the sender does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send nothing more on this channel, keep what waits, tell the owner.
    StopChannel,
    /// Hold back the whole number: this long at first, doubling up to the second value.
    BackOff { first: Duration, most: Duration },
    /// Hold back this customer only, 4^n seconds ([`super::pacing::Pacing::pair_limited`]).
    BackOffRecipient,
    /// Try this message again after a while, doubling, at most so often; then put it aside for the owner.
    Retry { first: Duration, attempts: u32 },
    /// Final for this message.
    NoRetry,
    /// Final as it is; a template may go out in its place.
    UseTemplate,
    /// Final; the same kind may be tried after so long.
    NotBefore(Duration),
    /// Final, and no more marketing to this customer.
    SuppressMarketing,
    /// Send again to the phone number, if it is known.
    ResendByPhone,
    /// Final, and no further use of this template until the owner has looked at it.
    DisableTemplate,
}

/// The class of a code. `details` decides where one code stands for several things.
pub fn classify(code: i64, details: Option<&str>) -> Class {
    match code {
        0 | 3 | 10 | 190 | 200..=299 | 131005 => Class::Token,
        4 | 80007 | 130429 => Class::Rate,
        131056 => Class::PairRate,
        131048 | 131064 | 368 | 131031 | 130497 => Class::Spam,
        1 | 2 | 131000 | 131016 | 131057 | 133004 => Class::Transient,
        131047 => Class::Window,
        131026 | 131021 | 131030 | 130472 => Class::Undeliverable,
        131049 => Class::MarketingCap,
        131050 => Class::OptedOut,
        131062 => Class::NeedsPhone,
        100 | 33 => {
            // "Unsupported post request. Object with ID … does not exist, cannot be loaded due to missing permissions".
            let text = details.unwrap_or_default().to_ascii_lowercase();
            if text.contains("missing permission") || text.contains("access token") {
                Class::Token
            } else {
                Class::Request
            }
        }
        131008 | 131009 | 131051 | 131052 | 131053 | 131037 | 2200 => Class::Request,
        132000..=132099 => Class::Template,
        131042 | 131044 | 131045 | 133010 | 131063 => Class::Billing,
        _ => Class::Other,
    }
}

impl Class {
    pub fn action(self) -> Action {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        match self {
            Class::Token | Class::Spam | Class::Billing => Action::StopChannel,
            Class::Rate => Action::BackOff { first: Duration::from_secs(2), most: minutes(10) },
            Class::PairRate => Action::BackOffRecipient,
            Class::Transient => Action::Retry { first: Duration::from_secs(5), attempts: 6 },
            Class::Window => Action::UseTemplate,
            Class::MarketingCap => Action::NotBefore(minutes(24 * 60)),
            Class::OptedOut => Action::SuppressMarketing,
            Class::NeedsPhone => Action::ResendByPhone,
            Class::Template => Action::DisableTemplate,
            Class::Undeliverable | Class::Request | Class::Other => Action::NoRetry,
        }
    }

    /// For the owner: what happened, what it means for customers, the one thing to do.
    pub fn sentence(self) -> &'static str {
        match self {
            Class::Token => {
                "WhatsApp no longer accepts this channel's access token. Replies wait and are not lost. Make a new \
                 token in the Meta app and paste it in the channel's settings."
            }
            Class::Rate => {
                "WhatsApp asks us to send more slowly. Replies go out a little later by themselves; there is nothing \
                 to do."
            }
            Class::PairRate => {
                "Too many messages went to this customer in a short time. The rest follow by themselves; use fewer, \
                 longer messages in the flow if this happens often."
            }
            Class::Spam => {
                "WhatsApp has limited this number for its quality or for its rules. Customers get no replies until \
                 that ends. Open the account's quality page in Meta's WhatsApp Manager to see why."
            }
            Class::Transient => {
                "WhatsApp had a short fault. The message is tried again by itself; there is nothing to do."
            }
            Class::Window => {
                "More than 24 hours have passed since this customer wrote, so WhatsApp takes nothing but an approved \
                 template now. Name one for such cases in the channel's settings and send the message again, or wait \
                 until the customer writes."
            }
            Class::Undeliverable => {
                "WhatsApp could not deliver this message to this customer: they may not use WhatsApp, or use a very \
                 old version. Try to reach them another way."
            }
            Class::MarketingCap => {
                "WhatsApp holds back marketing messages to this customer for now because they had many. Try again \
                 tomorrow or later."
            }
            Class::OptedOut => {
                "This customer has asked for no more marketing messages. They get none from now on; answers to their \
                 own messages still reach them."
            }
            Class::NeedsPhone => {
                "WhatsApp takes this message for a phone number only, and this customer's is not known, so they did not \
                 get it. Ask them for their number in the conversation, then send it again."
            }
            Class::Request => {
                "WhatsApp did not understand a message from this bot, so the customer did not get it. Open the step \
                 that sent it and check its texts, buttons and files."
            }
            Class::Template => {
                "WhatsApp did not accept this template, so the customer did not get it. Check in WhatsApp Manager \
                 that it is approved and that the step fills in all its placeholders."
            }
            Class::Billing => {
                "WhatsApp does not send for this account: its payment method or the number's registration needs \
                 attention. Customers get no replies until then. Open the account's overview in Meta's WhatsApp Manager."
            }
            Class::Other => {
                "WhatsApp refused this message for a reason that is not known to this program. The customer did not \
                 get it. Open the message's details and show them to support."
            }
        }
    }
}

/// Sentences for codes that deserve better than their class's.
fn special(code: i64) -> Option<&'static str> {
    Some(match code {
        3 | 10 | 200..=299 | 131005 => {
            "The access token lacks a permission. Replies wait and are not lost. Make a new token with both WhatsApp \
             permissions (whatsapp_business_messaging, whatsapp_business_management) and paste it in the channel's settings."
        }
        131030 => {
            "The number is still Meta's test number, which only writes to people on its list. This customer did not \
             get the message. Add their number to the list in the Meta app, or connect your own number."
        }
        131021 => "A number cannot write to itself. Use another phone to try the bot.",
        131031 => {
            "Meta has locked this WhatsApp account. Customers get no replies until it is opened again. Open the \
             account's quality page in Meta's WhatsApp Manager to see why."
        }
        130472 => {
            "WhatsApp did not deliver this marketing message because the customer is part of a test by Meta. Nothing is \
             wrong; trying again does not help."
        }
        131042 => {
            "The payment method of the WhatsApp account does not work. Customers get no replies until it does. Check it \
             in Meta's WhatsApp Manager under payment settings."
        }
        131037 => {
            "The number's display name is not approved yet. Customers get no replies until it is. Check the name in \
             Meta's WhatsApp Manager."
        }
        133010 => {
            "The number is not registered for the WhatsApp platform. Customers get no replies until it is. Register it in \
             Meta's WhatsApp Manager."
        }
        131052 => {
            "A file from the customer could not be fetched; it may be larger than 100 MB. Ask them to send it again, \
             smaller."
        }
        131053 => {
            "WhatsApp could not use a file that the bot sent; its kind and its contents do not match or it is too \
             large. The customer did not get it. Save the file again as PDF, JPEG or MP4 and add it once more."
        }
        132001 => {
            "The template does not exist in this language. The customer did not get it. Check its name and language in \
             WhatsApp Manager."
        }
        132015 | 132016 => {
            "WhatsApp has paused or switched off this template because customers complained about it. They do not get \
             it any more. Change its text in WhatsApp Manager or use another."
        }
        2200 => {
            "Meta could not reach this program at its public address, or got a wrong answer. Customers' messages do not \
             arrive yet. Check that the public address is green, then try again."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_code_has_its_class_and_its_action() {
        use Class::*;
        for (class, codes) in [
            (Token, &[0, 3, 10, 190, 200, 299, 131005][..]),
            (Rate, &[4, 80007, 130429]),
            (PairRate, &[131056]),
            (Spam, &[131048, 131064, 368, 131031, 130497]),
            (Transient, &[1, 2, 131000, 131016, 131057, 133004]),
            (Window, &[131047]),
            (Undeliverable, &[131026, 131021, 131030, 130472]),
            (MarketingCap, &[131049]),
            (OptedOut, &[131050]),
            (NeedsPhone, &[131062]),
            (Request, &[100, 131008, 131009, 131051, 131052, 131053, 131037]),
            (Template, &[132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069]),
            (Billing, &[131042, 131044, 131045, 133010, 131063]),
            (Other, &[138001, 139000, 139100, 147001, -1, i64::MAX]),
        ] {
            for code in codes {
                assert_eq!(classify(*code, None), class, "{code}");
                let error = GraphError { code: *code, ..GraphError::default() };
                assert!(error.sentence().ends_with(['.']), "{code}");
                assert!(
                    error.sentence().matches(". ").count() >= 1 || *code == 131021,
                    "{code}: what to do is missing"
                );
            }
        }
        assert_eq!(Token.action(), Action::StopChannel);
        assert_eq!(OptedOut.action(), Action::SuppressMarketing);
        assert_eq!(Window.action(), Action::UseTemplate);
    }

    #[test]
    fn a_missing_permission_is_seen_behind_the_general_code() {
        let message =
            "Unsupported post request. Object with ID '1' does not exist, cannot be loaded due to missing permissions";
        assert_eq!(classify(100, Some(message)), Class::Token);
        assert_eq!(classify(100, Some("Param text['body'] must be a string")), Class::Request);
    }

    #[test]
    fn errors_are_read_in_all_their_spellings() {
        let v = serde_json::json!({"error": {"message": "(#131047) Re-engagement message", "type": "OAuthException",
            "code": "131047", "error_data": {"details": "24 hours"}, "error_subcode": 2494010, "fbtrace_id": "A"}});
        let error = GraphError::from_answer(&v).unwrap();
        assert_eq!((error.code, error.subcode, error.details.as_str()), (131047, Some(2494010), "24 hours"));
        assert_eq!(error.class(), Class::Window);
        assert_eq!(GraphError::from_answer(&serde_json::json!({"error": "x"})), None);
    }
}
