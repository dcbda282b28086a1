//! Words without a subject of their own, by language, folded: articles, pronouns, auxiliaries, question words, courtesies.

/// ISO 639-1 code and words.
pub(super) const SMALL_WORDS: &[(&str, &str)] = &[
    (
        "en",
        "a about above actually after again ah all also am an and any anybody anyone anything are aren't arent as ask asked \
         at away back be because been before being below between both but by bye came can cannot cant come comes coming could \
         couldnt did didnt do does doesnt doing done dont each either else er even ever every everybody everything few find for from further \
         get gets getting give given go goes going gonna good got guys had has hasnt have havent having he hello help her here \
         hers hey hi him his how however i i'd i'll i'm i've id if ill im in into is isnt it its itself ive ja just kind \
         kindly know let lets like listen little ll look looking lot made make makes many may maybe me mean might mine more most much must my \
         myself near need needs never no nor not now of off oh ok okay on once one only or other our ours out over own perhaps people \
         please pls possible put quite rather re really said same say says see shall she should since so some somebody someone something somewhere \
         sorry sort still such sure take tell than thank thanks that thats the their theirs them then there theres these they thing things \
         think this those though through to too try u uh um under until up ur us use very want wanted wants was wasnt way we well \
         went were werent what whats when where wheres whether which while who whom whose why will wish with without wondering wont \
         would wouldnt yeah yes yet you your youre yours yourself hope mind bother there morning afternoon evening dear sir madam",
    ),
    (
        "es",
        "a al algo algun alguna algunas alguno algunos ahi ahora alli ante antes aqui aquel aquella asi aun aunque bien buena buenas bueno buenos \
         cada como con cual cuales cualquier cuando cuanta cuantas cuanto cuantos de del desde dia dias donde dos e el ella ellas ellos en entre era eran \
         eres es esa esas ese eso esos esta estan estas este esto estos estoy favor fue fueron gracias ha hace hacen hacer hacia han \
         hasta hay he hola la las le les lo los mas me mi mis mismo mucho muy nada ni no nos nosotros o os otra otro para pero poco por porque puede \
         pueden puedo podria podrian que quien quienes quiero quisiera se sea segun ser si sin sobre solo son soy su sus tal tambien tan te \
         teneis tengo tiene tienen todo todos tu tus un una unas uno unos usted ustedes va van vosotros y ya yo piden pide dan",
    ),
    (
        "pt",
        "a ao aos algo alguem algum alguma ali antes aquela aquele aqui aquilo as ate bem boa boas bom com como da das de dela dele depois \
         desde dia do dos e ela elas ele eles em entre era essa esse esta estao estar estas este estes estou eu fazem fazer favor foi ha isso isto ja la \
         lhe lhes mais mas me mesmo meu meus minha minhas muito na nao nas nem no nos nossa nosso nossos num numa o obrigada obrigado oi ola onde ou os para \
         pela pelas pelo pelos pode podem poderia por porque posso pra preciso qual quais qualquer quando quanta quanto quantas quantos que quem quer quero se sem ser \
         sera seu seus so sobre sua suas sou ta tal tambem tao tem temos tenho ter teu tinha toda todo todos tu tua tudo um uma umas uns vai voce voces vos",
    ),
    (
        "fr",
        "a afin ai aller alors apres as au aucun aussi autre aux avait avant avec avez avoir avons bien bonjour bonsoir c ca car ce cela celle celui ces cet \
         cette chaque chez ci comme comment d dans de depuis des deux doit donc dont du elle elles en encore entre es est et etait etes etre eu fait faire \
         faut fois font ici il ils j je jusqu jusque l la le les leur leurs lui m ma mais me meme merci mes moi moins mon n ne ni non nos notre nous on ont ou \
         par pas pendant peu peut peux plait plus pour pourquoi pouvez pouvons qu quand que quel quelle quelles quelqu quelque quels qui quoi s sa salut sans se sera ses si s'il \
         sommes son sont sous suis sur t ta te tes toi ton tous tout toute toutes tres tu un une va vers veux voici voila vos votre voudrais vous y aujourd hui",
    ),
    (
        "de",
        "ab aber alle allem allen aller alles als also am an ander andere auch auf aus bei beim bin bis bist bitte da dabei dafur damit danke dann das dass \
         dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas \
         euch euer fur ganz gegen gerne gibt gute guten habe haben habt hallo hat hatte hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren im immer in ins ist ja \
         jede jeder jedes jetzt kann kein keine keinen konnen konnte konnten konnen machen man mal mehr mein meine meinem meinen mich mir mit mochte mochten moglich muss mussen nach \
         nicht nichts noch nur ob oder ohne sehr sein seine sich sie sind so soll sollen sollte sondern tag um und uns unser unsere unter viel viele vom von vor \
         wann war waren warum was wegen weil welche welchem welchen welcher welches wenn wer werde werden wie wieder will wir wird wo wohin wohl wollen wurde \
         wurden wurden zu zum zur uber uhr",
    ),
    (
        "it",
        "a ad al alla alle allo anche ancora avere avete abbiamo c che chi ci ciao come con cosa cui da dal dalla dei del della delle dello di dopo dove e ed era \
         essere fa fare fino fra gia gli grazie ha hai hanno ho i il in io l la le lei li lo loro lui ma mi mia mio molto ne nei nel nella no noi non nostro o ogni \
         per perche piu po poi posso potrei prima puo qual quale quali quando quanta quante quanti quanto quel quella quello questa queste questi questo qui se sei si sia sono sta su sua \
         sul sulla suo ti tra tu tuo tutti tutto un una uno vi voi vorrei vostro buongiorno salve favore",
    ),
    (
        "nl",
        "aan al alle als alstublieft ben bent bij bij biedt daar dag dan dank dat de deze die dit doe doen door dus een en er et ga gaan geen goed goede graag haar had hallo heb hebben \
         hebt heeft hem het hier hij hoe hoeveel hun ik in is ja je jij jullie kan kom komen kunnen kun laat maar mag maken me meer men met mij mijn moet moeten na naar niet nog nu of om \
         ons onze ook op over per te ten tot toch tegen tijdens uit uw u van veel voor waar waarom wanneer was wat we weer welk welke wel werd wie wij wil willen worden wordt zal ze zelf zich zij zijn zo zonder zou",
    ),
    (
        "af",
        "aan al alle almal as asb asseblief baie by daar dan dankie dat deur die dis dit doen dink een ek en enige ense gaan geen goeie goed graag haar had hallo het hier hierdie hoe hoeveel hom hulle hy \
         in is ja jou jul julle jy kan kom kos kry laat maar maak mag meer met moet my na nie niks nog nou n of om ons ook oor op per sal se self sien sy so soos te tot toe uit u vir van vanaf vra \
         waar waarom waarvoor wanneer was wat watter weet wees weer wel wie wil word sou",
    ),
    (
        "id",
        "ada adalah agar akan aku anda apa apakah atau bagaimana bahwa berapa bisa boleh buat dalam dan dari dengan di dia dong halo hai hari harus ingin ini itu jadi jika juga kah kalau kami kamu kapan karena \
         ke kepada kita lagi lah lama mana mau maaf mereka mohon nya oleh pada para per saja sangat saya sebagai sebelum sedang selamat semua sesudah setelah setiap siapa siang sudah supaya tapi telah tentang \
         terima kasih tetapi tidak tolong untuk yang ya punya pagi malam",
    ),
    (
        "sw",
        "ya wa na ni kwa za la cha vya katika au je habari asante tafadhali hii hiyo huu huo hizi yako yangu wangu wako mimi wewe yeye sisi nini gani wapi lini nani ngapi kiasi kuwa ana una nina mna kuna si sana pia",
    ),
    (
        "zu",
        "ngicela sawubona ngiyabonga yini ini nini kuphi phi ubani bani malini kangakanani ngabe futhi noma ukuthi uma lapho yebo cha mina wena thina nina sini ngani kanjani yimalini ngubani",
    ),
    (
        "hi",
        "का की के को में से पर और है हैं था थी थे हो क्या कितना कितनी कितने कौन कब कहाँ कहां कैसे क्यों यह ये वह वे मैं हम आप तुम मुझे हमें आपके आपकी आपका मेरा मेरी मेरे लिए तक भी ही तो एक कोई कुछ कर करना करते करें कृपया नमस्ते धन्यवाद बाद जी \
         सकता सकते सकती दिन होता होती होते इस उस किस किसी ने या नहीं अगर",
    ),
    (
        "ar",
        "ما ماذا هل كم متي اين كيف لماذا من الي على في عن مع هذا هذه ذلك تلك هو هي هم انا نحن انت انتم لكم لدي لدى لديكم لو لا نعم ان او و ثم كل بعض عند عندكم قبل بعد يمكن يمكنني اريد ارجو فضلك شكرا مرحبا السلام عليكم التي الذي هناك هنا يكون كان كانت",
    ),
    (
        "tr",
        "ve veya bir bu su o icin ile mi mu ne neden nasil nerede ne zaman kac kadar var yok mi midir ben sen biz siz onlar benim senin bizim sizin da de ki ama fakat cok daha en her hic bana size lutfen merhaba tesekkurler evet hayir olarak gibi",
    ),
    (
        "ru",
        "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет о из ему теперь когда даже ну ли если уже или ни быть был него до вас нибудь вам ведь там потом себя ничего ей может они тут где есть надо ней для мы \
         тебя их чем была сам чтоб без будто чего раз тоже себе под будет ж тогда кто этот того потому этого какои какая какие какое сколько можно пожалуиста спасибо здравствуите привет при об это эта эти у вас",
    ),
    (
        "pl",
        "a aby ale albo bo by byc byl byla bylo co czy dla do dzien dobry dziekuje gdzie i ich ile im ja jak jaka jaki jakie jako je jest jestem jeszcze juz kiedy kto ktora ktore ktory ma mam mamy mi mnie moge moj mozna na nam nas nie niz o od on ona oni oraz po pod prosze przed przez przy \
         sa sie ta tak tam te tego tej ten to tu ty tylko u w wam was we wy z za ze czesc",
    ),
    (
        "sv",
        "och att det som en pa ar av for med till den har de inte om ett han men var jag sig fran vi sa kan nar ska skulle eller er ni du hur mycket vad vilken vilket vilka hej tack dar har finns min mitt ert era",
    ),
];
