/** What is said of passwords that people choose, in Japanese. */
export const password = {
  'password.level.0': 'パスワードの強さ：使えません',
  'password.level.1': 'パスワードの強さ：弱い',
  'password.level.2': 'パスワードの強さ：やや弱い',
  'password.level.3': 'パスワードの強さ：強い',
  'password.level.4': 'パスワードの強さ：とても強い',

  'password.fault.too_short': 'パスワードは{min}文字以上にしてください。',
  'password.fault.too_long': 'パスワードは{max}文字以内にしてください。',
  'password.fault.unusable': 'パスワードに使えない文字（制御文字など）が含まれています。',
  'password.fault.like_name':
    'ユーザIDやサービスの名前と同じか、それに少し足しただけのパスワードは使えません。',
  'password.fault.common':
    'よく使われるパスワード、または過去に流出したパスワード（それに近いものを含みます）のため、使えません。',
  'password.fault.repeats': '同じ文字や言葉の繰り返しは、簡単に推測されるため使えません。',
  'password.fault.sequence':
    '「abcd」や「1234」、曜日の並びのような、順番どおりの並びは、簡単に推測されるため使えません。',
  'password.fault.keyboard': 'キーボードの並びどおりの文字は、簡単に推測されるため使えません。',
  'password.fault.date': '日付や年は、簡単に推測されるため、それだけでは使えません。',
  'password.fault.word': '一つの言葉だけのパスワードは、簡単に推測されるため使えません。',
  'password.fault.name':
    '人の名前だけのパスワードや、名前に少し足しただけのものは、簡単に推測されるため使えません。',
  'password.fault.guessable': 'このパスワードは、簡単に推測されるため使えません。',

  'password.advice.more_words':
    'つながりのない言葉をいくつか組み合わせて長くすると、覚えやすく、推測されにくくなります。',
  'password.advice.no_repeats': '同じ文字や言葉を繰り返しても、あまり強くなりません。',
  'password.advice.no_sequences': '順番どおりの文字や数字は避けてください。',
  'password.advice.no_dates': '誕生日など、ご自身に関わる日付や年は避けてください。',
  'password.advice.no_keyboard_rows': 'キーボードで隣り合う文字の並びは避けてください。',
  'password.advice.capitals_help_little': '大文字にするだけでは、あまり強くなりません。',
  'password.advice.reversed_helps_little': '言葉を逆から書いても、あまり強くなりません。',
  'password.advice.substitutes_help_little':
    '「a」を「@」にするような置き換えは、よく知られているため、あまり強くなりません。',
} as const;
