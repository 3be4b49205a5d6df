/** Secret questions (秘密の質問) that a contract has unless it sets its own. */

/** A question in both languages. Its id stays when its words are mended. */
export interface SecretQuestion {
  readonly id: string;
  readonly ja: string;
  readonly en: string;
}

export const DEFAULT_SECRET_QUESTIONS: readonly SecretQuestion[] = [
  { id: 'mother_maiden_name', ja: '母親の旧姓は？', en: 'What is your mother’s maiden name?' },
  { id: 'first_school', ja: '最初に通った小学校の名前は？', en: 'What is the name of your first school?' },
  { id: 'first_pet', ja: '最初に飼ったペットの名前は？', en: 'What was the name of your first pet?' },
  {
    id: 'childhood_street',
    ja: '子どもの頃に住んでいた町の名前は？',
    en: 'In which street did you live as a child?',
  },
  {
    id: 'favourite_teacher',
    ja: '心に残っている先生の名前は？',
    en: 'What is the name of a teacher you remember?',
  },
  {
    id: 'first_workplace',
    ja: '最初に働いた会社や店の名前は？',
    en: 'What is the name of your first place of work?',
  },
  { id: 'memorable_trip', ja: '思い出に残る旅行先は？', en: 'Where did your most memorable trip take you?' },
  {
    id: 'childhood_friend',
    ja: '子どもの頃の親友の名前は？',
    en: 'What is the name of your best friend in childhood?',
  },
];
