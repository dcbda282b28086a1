//! Guesses where a business is from what the browser says, so that the owner only has to look.

use super::routes::Guess;

/// Time zones of countries where many small businesses use the program, with country and currency. A zone that is not
/// here leaves the country to the language, and the rest to the owner. Zones and codes: IANA, ISO 3166-1, ISO 4217.
const ZONES: &[(&str, &str, &str)] = &[
    ("Africa/Johannesburg", "ZA", "ZAR"),
    ("Africa/Lagos", "NG", "NGN"),
    ("Africa/Nairobi", "KE", "KES"),
    ("Africa/Accra", "GH", "GHS"),
    ("Africa/Cairo", "EG", "EGP"),
    ("Africa/Casablanca", "MA", "MAD"),
    ("Africa/Kampala", "UG", "UGX"),
    ("Africa/Dar_es_Salaam", "TZ", "TZS"),
    ("Africa/Harare", "ZW", "USD"),
    ("Africa/Lusaka", "ZM", "ZMW"),
    ("Africa/Maputo", "MZ", "MZN"),
    ("Africa/Gaborone", "BW", "BWP"),
    ("Africa/Windhoek", "NA", "NAD"),
    ("Africa/Luanda", "AO", "AOA"),
    ("Africa/Addis_Ababa", "ET", "ETB"),
    ("Africa/Abidjan", "CI", "XOF"),
    ("Africa/Dakar", "SN", "XOF"),
    ("Africa/Tunis", "TN", "TND"),
    ("America/Sao_Paulo", "BR", "BRL"),
    ("America/Mexico_City", "MX", "MXN"),
    ("America/Bogota", "CO", "COP"),
    ("America/Argentina/Buenos_Aires", "AR", "ARS"),
    ("America/Santiago", "CL", "CLP"),
    ("America/Lima", "PE", "PEN"),
    ("America/Caracas", "VE", "VES"),
    ("America/Guayaquil", "EC", "USD"),
    ("America/Montevideo", "UY", "UYU"),
    ("America/New_York", "US", "USD"),
    ("America/Chicago", "US", "USD"),
    ("America/Denver", "US", "USD"),
    ("America/Los_Angeles", "US", "USD"),
    ("America/Toronto", "CA", "CAD"),
    ("America/Vancouver", "CA", "CAD"),
    ("Asia/Kolkata", "IN", "INR"),
    ("Asia/Calcutta", "IN", "INR"),
    ("Asia/Jakarta", "ID", "IDR"),
    ("Asia/Karachi", "PK", "PKR"),
    ("Asia/Dhaka", "BD", "BDT"),
    ("Asia/Colombo", "LK", "LKR"),
    ("Asia/Manila", "PH", "PHP"),
    ("Asia/Bangkok", "TH", "THB"),
    ("Asia/Ho_Chi_Minh", "VN", "VND"),
    ("Asia/Kuala_Lumpur", "MY", "MYR"),
    ("Asia/Singapore", "SG", "SGD"),
    ("Asia/Hong_Kong", "HK", "HKD"),
    ("Asia/Shanghai", "CN", "CNY"),
    ("Asia/Tokyo", "JP", "JPY"),
    ("Asia/Seoul", "KR", "KRW"),
    ("Asia/Dubai", "AE", "AED"),
    ("Asia/Riyadh", "SA", "SAR"),
    ("Asia/Qatar", "QA", "QAR"),
    ("Asia/Kuwait", "KW", "KWD"),
    ("Asia/Baghdad", "IQ", "IQD"),
    ("Asia/Amman", "JO", "JOD"),
    ("Asia/Beirut", "LB", "LBP"),
    ("Asia/Jerusalem", "IL", "ILS"),
    ("Asia/Tehran", "IR", "IRR"),
    ("Asia/Kathmandu", "NP", "NPR"),
    ("Asia/Tashkent", "UZ", "UZS"),
    ("Asia/Almaty", "KZ", "KZT"),
    ("Australia/Sydney", "AU", "AUD"),
    ("Australia/Melbourne", "AU", "AUD"),
    ("Australia/Perth", "AU", "AUD"),
    ("Pacific/Auckland", "NZ", "NZD"),
    ("Europe/London", "GB", "GBP"),
    ("Europe/Dublin", "IE", "EUR"),
    ("Europe/Lisbon", "PT", "EUR"),
    ("Europe/Madrid", "ES", "EUR"),
    ("Europe/Paris", "FR", "EUR"),
    ("Europe/Berlin", "DE", "EUR"),
    ("Europe/Vienna", "AT", "EUR"),
    ("Europe/Zurich", "CH", "CHF"),
    ("Europe/Rome", "IT", "EUR"),
    ("Europe/Amsterdam", "NL", "EUR"),
    ("Europe/Brussels", "BE", "EUR"),
    ("Europe/Athens", "GR", "EUR"),
    ("Europe/Warsaw", "PL", "PLN"),
    ("Europe/Prague", "CZ", "CZK"),
    ("Europe/Budapest", "HU", "HUF"),
    ("Europe/Bucharest", "RO", "RON"),
    ("Europe/Sofia", "BG", "EUR"),
    ("Europe/Stockholm", "SE", "SEK"),
    ("Europe/Oslo", "NO", "NOK"),
    ("Europe/Copenhagen", "DK", "DKK"),
    ("Europe/Helsinki", "FI", "EUR"),
    ("Europe/Istanbul", "TR", "TRY"),
    ("Europe/Kyiv", "UA", "UAH"),
    ("Europe/Moscow", "RU", "RUB"),
];

pub(super) fn guess(timezone: &str, language: &str) -> Guess {
    let zone = ZONES.iter().find(|(name, ..)| *name == timezone);
    let region = language.split('-').skip(1).find(|part| part.len() == 2).map(str::to_ascii_uppercase);
    let country = zone.map(|(_, country, _)| (*country).to_owned()).or(region).unwrap_or_default();
    let currency = ZONES.iter().find(|(_, of, _)| *of == country).map(|(.., currency)| (*currency).to_owned());
    Guess {
        currency: currency.unwrap_or_default(),
        timezone: if jiff::tz::TimeZone::get(timezone).is_ok() { timezone.to_owned() } else { "UTC".to_owned() },
        language: if language.is_empty() || language.len() > 20 { "en".to_owned() } else { language.to_owned() },
        country,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_zone_tells_the_country_and_its_money_and_nonsense_tells_nothing() {
        let here = guess("Africa/Johannesburg", "en-US");
        assert_eq!((here.country.as_str(), here.currency.as_str()), ("ZA", "ZAR"));
        let unknown = guess("Nowhere/Land", "pt-BR");
        assert_eq!((unknown.country.as_str(), unknown.timezone.as_str()), ("BR", "UTC"));
        for (zone, country, currency) in ZONES {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone} is not a zone");
            assert!(country.len() == 2 && currency.len() == 3);
        }
    }
}
