//! What pleased, annoyed and indifferent customers write, in the languages that most of them use.

use crate::event::Class;

/// Lines of three moods: pleased, neither, annoyed. Each block is one language.
const LINES: &[[&str; 3]] = &[
    // English
    [
        "Thank you so much, that was really quick!",
        "What time do you open on Saturday?",
        "I have been waiting for two weeks and nobody answers!",
    ],
    ["I love it, great work.", "I would like to change my appointment.", "This is a joke, I want my money back."],
    [
        "You were very helpful, I will come again.",
        "My order number is 4512.",
        "It is broken again, I am really disappointed.",
    ],
    ["Perfect, exactly what I needed.", "Do you deliver to the city centre?", "Worst service I have ever had."],
    // German
    [
        "Vielen Dank, das ging ja richtig schnell!",
        "Wann haben Sie am Samstag geöffnet?",
        "Ich warte seit zwei Wochen und niemand meldet sich!",
    ],
    [
        "Ich bin begeistert, tolle Arbeit.",
        "Ich möchte meinen Termin verschieben.",
        "Das ist eine Frechheit, ich will mein Geld zurück.",
    ],
    [
        "Sehr freundlich, ich komme gerne wieder.",
        "Meine Bestellnummer ist 4512.",
        "Schon wieder kaputt, ich bin wirklich enttäuscht.",
    ],
    // Spanish
    [
        "¡Muchas gracias, fue rapidísimo!",
        "¿A qué hora abren el sábado?",
        "¡Llevo dos semanas esperando y nadie contesta!",
    ],
    [
        "Me encanta, excelente trabajo.",
        "Quiero cambiar mi cita.",
        "Esto es una vergüenza, quiero que me devuelvan el dinero.",
    ],
    ["Muy amables, volveré seguro.", "Mi número de pedido es 4512.", "Otra vez se rompió, estoy muy decepcionado."],
    // Portuguese
    [
        "Muito obrigada, foi super rápido!",
        "A que horas abrem no sábado?",
        "Estou esperando há duas semanas e ninguém responde!",
    ],
    ["Adorei, ótimo trabalho.", "Gostaria de remarcar o meu horário.", "Que absurdo, quero o meu dinheiro de volta."],
    [
        "Atendimento excelente, vou voltar.",
        "O número do meu pedido é 4512.",
        "Quebrou de novo, estou muito decepcionado.",
    ],
    // French
    [
        "Merci beaucoup, c'était vraiment rapide !",
        "À quelle heure ouvrez-vous samedi ?",
        "J'attends depuis deux semaines et personne ne répond !",
    ],
    ["J'adore, beau travail.", "Je voudrais déplacer mon rendez-vous.", "C'est une honte, je veux être remboursé."],
    ["Très bon accueil, je reviendrai.", "Mon numéro de commande est 4512.", "Encore en panne, je suis très déçue."],
    // Italian
    [
        "Grazie mille, siete stati velocissimi!",
        "A che ora aprite sabato?",
        "Aspetto da due settimane e nessuno risponde!",
    ],
    ["Bellissimo, ottimo lavoro.", "Vorrei spostare il mio appuntamento.", "È una vergogna, rivoglio i miei soldi."],
    ["Gentilissimi, tornerò volentieri.", "Il mio numero d'ordine è 4512.", "Si è rotto di nuovo, sono molto deluso."],
    // Dutch
    [
        "Heel erg bedankt, dat ging snel!",
        "Hoe laat gaan jullie zaterdag open?",
        "Ik wacht al twee weken en niemand reageert!",
    ],
    ["Geweldig, mooi werk.", "Ik wil mijn afspraak verzetten.", "Dit is belachelijk, ik wil mijn geld terug."],
    // Russian
    [
        "Большое спасибо, очень быстро!",
        "Во сколько вы открываетесь в субботу?",
        "Жду уже две недели, и никто не отвечает!",
    ],
    ["Всё отлично, мне очень понравилось.", "Хочу перенести запись.", "Это безобразие, верните деньги."],
    ["Прекрасное обслуживание, приду ещё.", "Номер моего заказа 4512.", "Опять сломалось, я очень разочарован."],
    // Ukrainian
    ["Дуже дякую, так швидко!", "О котрій ви відчиняєтесь у суботу?", "Чекаю вже два тижні, і ніхто не відповідає!"],
    ["Чудова робота, мені подобається.", "Хочу перенести запис.", "Це неподобство, поверніть гроші."],
    // Polish
    [
        "Bardzo dziękuję, poszło błyskawicznie!",
        "O której otwieracie w sobotę?",
        "Czekam już dwa tygodnie i nikt nie odpowiada!",
    ],
    ["Świetna robota, polecam.", "Chcę przełożyć wizytę.", "To skandal, proszę o zwrot pieniędzy."],
    // Turkish
    [
        "Çok teşekkürler, çok hızlı oldu!",
        "Cumartesi saat kaçta açılıyorsunuz?",
        "İki haftadır bekliyorum, kimse cevap vermiyor!",
    ],
    ["Bayıldım, elinize sağlık.", "Randevumu değiştirmek istiyorum.", "Rezalet, paramı geri istiyorum."],
    // Arabic
    ["شكرا جزيلا، كانت الخدمة سريعة جدا!", "متى تفتحون يوم السبت؟", "أنتظر منذ أسبوعين ولا أحد يرد!"],
    ["أعجبني كثيرا، عمل رائع.", "أريد تغيير موعدي.", "هذا غير مقبول، أريد استرداد نقودي."],
    ["تعاملكم ممتاز وسأعود مرة أخرى.", "رقم طلبي هو 4512.", "تعطل مرة أخرى وأنا محبط جدا."],
    // Hindi
    [
        "बहुत धन्यवाद, काम बहुत जल्दी हो गया!",
        "आप शनिवार को कितने बजे खोलते हैं?",
        "मैं दो हफ़्ते से इंतज़ार कर रहा हूँ और कोई जवाब नहीं देता!",
    ],
    ["मुझे बहुत पसंद आया, बढ़िया काम।", "मुझे अपना समय बदलना है।", "यह बहुत ख़राब है, मुझे मेरे पैसे वापस चाहिए।"],
    // Indonesian
    [
        "Terima kasih banyak, cepat sekali!",
        "Sabtu buka jam berapa?",
        "Saya sudah menunggu dua minggu dan tidak ada yang membalas!",
    ],
    ["Saya suka sekali, hasilnya bagus.", "Saya mau ganti jadwal.", "Parah, saya minta uang saya kembali."],
    // Chinese
    ["太感谢了，真快！", "你们星期六几点开门？", "我等了两个星期都没人回复！"],
    ["非常满意，下次还来。", "我想改一下预约时间。", "太差劲了，我要退款。"],
    // Japanese
    [
        "とても早くて助かりました、ありがとうございます！",
        "土曜日は何時に開きますか？",
        "二週間も待っているのに誰も返事をくれません！",
    ],
    ["大満足です、また利用します。", "予約を変更したいです。", "ひどい対応です、返金してください。"],
];

pub(super) fn classes() -> Vec<Class> {
    super::MOODS
        .iter()
        .enumerate()
        .map(|(mood, id)| {
            let examples = LINES.iter().filter_map(|line| line.get(mood)).map(|text| (*text).to_owned()).collect();
            Class { id: (*id).to_owned(), examples }
        })
        .collect()
}
