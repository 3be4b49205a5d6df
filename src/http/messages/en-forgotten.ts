/** The words of the pages for forgotten credentials in English. */
import type { forgotten as ja } from './ja-forgotten.ts';

export const forgotten: Record<keyof typeof ja, string> = {
  'forgotten.next': 'Next',
  'forgotten.restart': 'Start over with another user ID',

  'forgotten.start.title': 'Forgotten credentials',
  'forgotten.start.intro':
    'Here you can renew the credentials that you log in to “{site}” with. Enter your user ID and go through these steps.',
  'forgotten.start.code':
    'Enter the one-time password of {digits} digits that is sent to your registered e-mail address.',
  'forgotten.start.question': 'Answer your secret question.',
  'forgotten.start.credentials_all': 'Register a new secret question with its answer and a new password.',
  'forgotten.start.credentials_some':
    'Register a new secret question with its answer and, if you log in with one, a new password.',
  'forgotten.start.credentials_none': 'Register a new secret question with its answer.',
  'forgotten.start.no_password':
    'You have no password. You go on logging in with your user ID and a one-time password sent by e-mail.',
  'forgotten.start.ask_desk':
    'If you do not know your user ID or the answer to your secret question, or cannot receive the e-mail, contact this support desk.',
  'forgotten.start.ask_site':
    'If you do not know your user ID or the answer to your secret question, or cannot receive the e-mail, contact the support desk of your site.',

  'forgotten.code.sent_if_possible':
    'If the credentials of this user ID can be renewed here, a one-time password of {digits} digits arrives at the registered e-mail address.',
  'forgotten.code.wrong':
    'The one-time password is wrong. After several wrong entries the account is locked. Make sure that you use the newest e-mail.',
  'forgotten.code.ask_desk':
    'If it still does not come, the user ID is wrong or its credentials cannot be renewed here. Contact this support desk.',
  'forgotten.code.ask_site':
    'If it still does not come, the user ID is wrong or its credentials cannot be renewed here. Contact the support desk of your site.',

  'forgotten.question.intro': 'Enter the answer to your secret question.',
  'forgotten.question.hint': 'Upper and lower case, spaces and punctuation make no difference.',
  'forgotten.question.wrong': 'The answer is wrong. After several wrong entries the account is locked.',
  'forgotten.question.ask_desk': 'If you do not know the answer, contact this support desk.',
  'forgotten.question.ask_site': 'If you do not know the answer, contact the support desk of your site.',

  'forgotten.credentials.title': 'Your new credentials',
  'forgotten.credentials.intro':
    'We have made sure that it is you. Once you register new credentials, the old ones no longer work, and all logins at this login system end, in other browsers too.',

  'forgotten.done.title': 'Your credentials are renewed',
  'forgotten.done.text':
    'All earlier logins at this login system have ended. We are sending a notice to your e-mail address.',
  'forgotten.done.with_password': 'Log in with your new password.',
  'forgotten.done.with_code': 'Log in with your user ID and a one-time password, as before.',
  'forgotten.done.log_in': 'Log in to “{site}”',

  'forgotten.problem.restart': 'Start over',
  'forgotten.problem.off.title': 'Forgotten credentials',
  'forgotten.problem.off.text': 'The support desk renews your credentials. It cannot be done on this page.',
  'forgotten.problem.off_desk': 'Contact this support desk.',
  'forgotten.problem.off_site': 'Contact the support desk of your site.',
  'forgotten.problem.code_expired.title': 'Authentication failed',
  'forgotten.problem.code_expired.text':
    'The one-time password has expired. Start over to receive a new one.',
  'forgotten.problem.too_late.title': 'The time is over',
  'forgotten.problem.too_late.text':
    'To keep you safe, credentials can be renewed within 30 minutes of entering the one-time password. Your credentials have not changed.',
  'forgotten.problem.ended.title': 'We could not go on',
  'forgotten.problem.ended.text':
    'Something about the user changed in the meantime. The credentials that you entered here were not registered.',
  'forgotten.problem.ended_desk':
    'If you do not know why, or if you see this again, contact this support desk.',
  'forgotten.problem.ended_site':
    'If you do not know why, or if you see this again, contact the support desk of your site.',
};
