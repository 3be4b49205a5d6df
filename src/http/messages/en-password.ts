/** What is said of passwords that people choose, in English. */
export const password = {
  'password.level.0': 'Strength: cannot be used',
  'password.level.1': 'Strength: weak',
  'password.level.2': 'Strength: fair',
  'password.level.3': 'Strength: strong',
  'password.level.4': 'Strength: very strong',

  'password.fault.too_short': 'The password needs at least {min} characters.',
  'password.fault.too_long': 'The password can have at most {max} characters.',
  'password.fault.unusable': 'The password holds characters that cannot be used, such as control characters.',
  'password.fault.like_name':
    'The password cannot be your user ID or a name of the service, nor one of them with little added.',
  'password.fault.common':
    'This password, or one very much like it, is used by many people or has been leaked before. It cannot be used.',
  'password.fault.repeats': 'Repeated characters or words are easy to guess and cannot be used.',
  'password.fault.sequence':
    'What follows a fixed order, such as "abcd", "1234" or the days of the week, is easy to guess and cannot be used.',
  'password.fault.keyboard': 'Keys that lie side by side are easy to guess and cannot be used.',
  'password.fault.date': 'A date or a year alone is easy to guess and cannot be used.',
  'password.fault.word': 'A single word is easy to guess and cannot be used.',
  'password.fault.name': "A person's name, alone or with little added, is easy to guess and cannot be used.",
  'password.fault.guessable': 'This password is easy to guess and cannot be used.',

  'password.advice.more_words':
    'Several words that have nothing to do with each other make a password that is long, easy to remember and hard to guess.',
  'password.advice.no_repeats': 'Repeating characters or words helps little.',
  'password.advice.no_sequences': 'Avoid letters and digits in their usual order.',
  'password.advice.no_dates': 'Avoid dates and years that have to do with you, such as birthdays.',
  'password.advice.no_keyboard_rows': 'Avoid keys that lie side by side.',
  'password.advice.capitals_help_little': 'Capital letters alone help little.',
  'password.advice.reversed_helps_little': 'A word written backwards helps little.',
  'password.advice.substitutes_help_little':
    'Replacing letters, such as "@" for "a", is well known and helps little.',
} as const;
