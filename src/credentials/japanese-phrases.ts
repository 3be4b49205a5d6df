/** What everybody in Japan says or knows by heart, as it is typed in kana and in letters: zxcvbn's lists lack it. */
const IN_KANA = `
おはよう おはようございます こんにちは こんばんは おやすみ おやすみなさい さようなら ありがとう ありがとうございます
よろしく よろしくおねがいします おつかれさま おつかれさまです いただきます ごちそうさま ごちそうさまでした
ただいま おかえり おかえりなさい いってきます おめでとう おめでとうございます ごめんなさい すみません
だいすき あいしてる あいしています がんばれ がんばって しあわせ ともだち かぞく なまえ わたし あなた
ぱすわーど ひみつ ないしょ かんり かんりしゃ てすと にほん とうきょう おおさか きょうと ほっかいどう
いろは いろはにほへと ちりぬるを わかよたれそ つねならむ うゐのおくやま けふこえて あさきゆめみし ゑひもせす
うえをむいてあるこう ももたろう むかしむかし むかしむかしあるところに おじいさんとおばあさんが わがはいはねこである
きみがよは ちよにやちよに さくらさくら やよいのそらは ふるさと うさぎおいしかのやま どんぐりころころ はるがきた
なまむぎなまごめなまたまご となりのきゃくはよくかきくうきゃくだ すもももももももものうち じゅげむじゅげむ
`;

const IN_LETTERS = `
ohayou ohayougozaimasu konnichiwa konbanwa oyasumi oyasuminasai sayounara arigatou arigatougozaimasu
yoroshiku yoroshikuonegaishimasu otsukaresama otsukaresamadesu itadakimasu gochisousama gochisousamadeshita
tadaima okaeri okaerinasai ittekimasu omedetou omedetougozaimasu gomennasai sumimasen
daisuki aishiteru aishiteimasu ganbare ganbatte shiawase tomodachi kazoku namae watashi anata
pasuwado pasuwaado himitsu naisho kanri kanrisha tesuto nihon nippon toukyou tokyo oosaka osaka kyouto kyoto hokkaido
iroha irohanihoheto chirinuruwo wakayotareso tsunenaramu ukiyonookuyama kefukoete asakiyumemishi wehimosesu
aiueo kakikukeko sashisuseso tachitsuteto naninuneno hahifuheho mamimumemo rarirurero
uewomuitearukou momotarou mukashimukashi wagahaihanekodearu kimigayo chiyoniyachiyoni sakurasakura furusato
namamuginamagomenamatamago sumomomomomomomomomonouchi jugemujugemu
`;

export const JAPANESE_PHRASES: readonly string[] = `${IN_KANA} ${IN_LETTERS}`.trim().split(/\s+/);
