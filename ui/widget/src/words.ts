// The chat's few words in the languages of its visitors; a language that is missing speaks English.

const KEYS = [
  'open',
  'close',
  'write',
  'send',
  'waiting',
  'failed',
  'again',
  'offline',
  'from',
  'page',
  'unread',
  'typing',
  'you',
  'cannot',
  'closed',
  'newest',
] as const
export type Word = (typeof KEYS)[number]
export type Words = (key: Word, value?: string | number, page?: string | number) => string

const TABLE: Record<string, string> = {
  en: 'Chat with us|Close the chat|Write a message|Send|Waiting to be sent|Not sent|Try again|No connection. What you write is kept and sent later.|From: {0}|{0}, page {1}|{0} new|Writing…|You|This cannot be shown here.|This chat is closed at the moment.|Newest messages',
  es: 'Chatea con nosotros|Cerrar el chat|Escribe un mensaje|Enviar|Esperando para enviarse|No enviado|Reintentar|Sin conexión. Lo que escribas se guarda y se envía después.|De: {0}|{0}, página {1}|{0} nuevos|Escribiendo…|Tú|Esto no se puede mostrar aquí.|Este chat está cerrado por ahora.|Mensajes más recientes',
  pt: 'Fale conosco|Fechar o chat|Escreva uma mensagem|Enviar|Aguardando envio|Não enviada|Tentar de novo|Sem conexão. O que você escrever fica guardado e é enviado depois.|De: {0}|{0}, página {1}|{0} novas|Escrevendo…|Você|Isto não pode ser mostrado aqui.|Este chat está fechado no momento.|Mensagens mais recentes',
  fr: 'Discuter avec nous|Fermer la discussion|Écrivez un message|Envoyer|En attente d’envoi|Non envoyé|Réessayer|Pas de connexion. Vos messages sont gardés et envoyés plus tard.|Source : {0}|{0}, page {1}|{0} nouveaux|Écrit…|Vous|Ceci ne peut pas être affiché ici.|Cette discussion est fermée pour le moment.|Derniers messages',
  de: 'Mit uns chatten|Chat schließen|Nachricht schreiben|Senden|Wartet auf das Senden|Nicht gesendet|Erneut versuchen|Keine Verbindung. Was Sie schreiben, wird aufbewahrt und später gesendet.|Aus: {0}|{0}, Seite {1}|{0} neu|Schreibt …|Sie|Das kann hier nicht gezeigt werden.|Dieser Chat ist im Moment geschlossen.|Neueste Nachrichten',
  it: 'Scrivici in chat|Chiudi la chat|Scrivi un messaggio|Invia|In attesa di invio|Non inviato|Riprova|Nessuna connessione. Ciò che scrivi viene conservato e inviato dopo.|Da: {0}|{0}, pagina {1}|{0} nuovi|Sta scrivendo…|Tu|Questo non può essere mostrato qui.|Questa chat è chiusa al momento.|Messaggi più recenti',
  nl: 'Chat met ons|Chat sluiten|Schrijf een bericht|Versturen|Wacht op verzending|Niet verstuurd|Opnieuw proberen|Geen verbinding. Wat u schrijft wordt bewaard en later verstuurd.|Uit: {0}|{0}, pagina {1}|{0} nieuw|Schrijft…|U|Dit kan hier niet worden getoond.|Deze chat is op dit moment gesloten.|Nieuwste berichten',
  af: 'Gesels met ons|Maak die gesprek toe|Skryf ’n boodskap|Stuur|Wag om gestuur te word|Nie gestuur nie|Probeer weer|Geen verbinding nie. Wat jy skryf word gehou en later gestuur.|Uit: {0}|{0}, bladsy {1}|{0} nuut|Skryf…|Jy|Dit kan nie hier gewys word nie.|Hierdie gesprek is op die oomblik gesluit.|Nuutste boodskappe',
  hi: 'हमसे बात करें|चैट बंद करें|संदेश लिखें|भेजें|भेजे जाने की प्रतीक्षा में|नहीं भेजा गया|फिर से कोशिश करें|कनेक्शन नहीं है। आपका लिखा सहेजा जाता है और बाद में भेजा जाएगा।|स्रोत: {0}|{0}, पृष्ठ {1}|{0} नए|लिख रहे हैं…|आप|इसे यहाँ नहीं दिखाया जा सकता।|यह चैट अभी बंद है।|नए संदेश',
  ar: 'تحدث معنا|إغلاق المحادثة|اكتب رسالة|إرسال|بانتظار الإرسال|لم تُرسل|حاول مرة أخرى|لا يوجد اتصال. ما تكتبه محفوظ وسيُرسل لاحقًا.|من: {0}|{0}، صفحة {1}|{0} جديدة|يكتب…|أنت|لا يمكن عرض هذا هنا.|هذه المحادثة مغلقة حاليًا.|أحدث الرسائل',
  he: 'דברו איתנו|סגירת הצ׳אט|כתבו הודעה|שליחה|ממתין לשליחה|לא נשלח|ניסיון נוסף|אין חיבור. מה שתכתבו נשמר ויישלח מאוחר יותר.|מתוך: {0}|{0}, עמוד {1}|{0} חדשות|כותב…|אתם|אי אפשר להציג את זה כאן.|הצ׳אט הזה סגור כרגע.|ההודעות החדשות',
  id: 'Chat dengan kami|Tutup obrolan|Tulis pesan|Kirim|Menunggu dikirim|Tidak terkirim|Coba lagi|Tidak ada koneksi. Yang Anda tulis disimpan dan dikirim nanti.|Dari: {0}|{0}, halaman {1}|{0} baru|Menulis…|Anda|Ini tidak dapat ditampilkan di sini.|Obrolan ini sedang ditutup.|Pesan terbaru',
  sw: 'Ongea nasi|Funga mazungumzo|Andika ujumbe|Tuma|Unasubiri kutumwa|Haujatumwa|Jaribu tena|Hakuna mtandao. Unachoandika kinahifadhiwa na kutumwa baadaye.|Kutoka: {0}|{0}, ukurasa {1}|{0} mpya|Anaandika…|Wewe|Hii haiwezi kuonyeshwa hapa.|Mazungumzo haya yamefungwa kwa sasa.|Ujumbe mpya',
}

const short = (language: string) => language.toLowerCase().split(/[-_]/)[0] ?? ''

/** The first of the wishes that we speak; `in` is how old systems write Indonesian. */
export function choose(...wishes: (string | null | undefined)[]): string {
  for (const wish of wishes) {
    const language = short(wish ?? '')
      .replace(/^in$/, 'id')
      .replace(/^iw$/, 'he')
    if (TABLE[language]) return language
  }
  return 'en'
}

export function wordsOf(language: string): Words {
  const list = (TABLE[choose(language)] ?? '').split('|')
  return (key, value = '', page = '') =>
    (list[KEYS.indexOf(key)] ?? '').replace(/\{([01])\}/g, (_, n) => String(n === '0' ? value : page))
}

export function isRightToLeft(language: string): boolean {
  return /^(ar|he|iw|fa|ur|ps|sd|ckb|ug|yi|dv)$/.test(short(language))
}
