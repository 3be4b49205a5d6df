import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldAnswer, readAnswer } from '../../src/credentials/secret-answer.ts';

describe('an answer, as people vary it', () => {
  test.each([
    ['おおさか', ['オオサカ', 'ｵｵｻｶ', ' おお さか ', '　おおさか。', 'おお\u200bさか', '「おおさか」']],
    ['がくえん', ['ガクエン', 'ｶﾞｸｴﾝ', 'か\u3099くえん', 'カ\u3099クエン']],
    [
      'まりあんぬ',
      [
        'マリー・アンヌ',
        'マリ-アンヌ',
        'マリ―アンヌ',
        'マリ−アンヌ',
        'ﾏﾘｰ･ｱﾝﾇ',
        'マリ〜アンヌ',
        'マリ～アンヌ',
      ],
    ],
    ['ゔぃおらゝゖ', ['ヴィオラヽヶ', 'ｳﾞｨｵﾗヽヶ']],
    [
      'stmaryshighschool',
      ["St. Mary's High School", 'ＳＴ　ＭＡＲＹ’Ｓ　ＨＩＧＨ　ＳＣＨＯＯＬ', 'st.mary`s high-school!'],
    ],
    ['第1小学校', ['第１小学校', '第①小学校', '第 1 小学校']],
    ['café', ['CAFÉ', 'cafe\u0301', 'Café ']],
    ['山田太郎', ['山田　太郎', '山田・太郎', '山田\t太郎', '山田\ufeff太郎']],
    ['c+犬🐶', ['C+ 犬🐶', 'ｃ＋犬🐶\ufe0f']],
  ])('is %s', (folded, ways) => {
    for (const typed of [folded, ...ways]) expect([typed, foldAnswer(typed)]).toEqual([typed, folded]);
  });

  test('another answer stays another', () => {
    const answers = [
      'おおさか',
      'おおさが',
      'おさか',
      '大阪',
      'osaka',
      'つき',
      'っき',
      'はは',
      'ばば',
      'ぱぱ',
    ];
    expect(new Set(answers.map(foldAnswer)).size).toBe(answers.length);
  });

  test('once folded it stays as it is, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const folded = foldAnswer(typed);
        expect(foldAnswer(folded)).toBe(folded);
        expect(folded.isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an answer that is read', () => {
  test.each([
    ['', 'empty'],
    [' 　\t', 'empty'],
    ['。・-', 'empty'],
    ['ー', 'empty'],
    ['\u200b\u0000', 'empty'],
    ['あ', 'too_short'],
    ['a!', 'too_short'],
    ['あ'.repeat(101), 'too_long'],
    ['ﾊﾞ'.repeat(101), 'too_long'],
    [' '.repeat(1001), 'too_long'],
    ['\ufdfa'.repeat(10), 'too_long'],
  ] as const)('%j is refused: %s', (typed, fault) => {
    expect(readAnswer(typed)).toEqual({ kind: 'fault', fault });
  });

  test.each([
    ['ai', 'ai'],
    ['アイ', 'あい'],
    ['林', '林'],
    ['あ'.repeat(100), 'あ'.repeat(100)],
    ['👍👍', '👍👍'],
  ])('%j is taken', (typed, answer) => {
    expect(readAnswer(typed)).toEqual({ kind: 'answer', answer });
  });
});
