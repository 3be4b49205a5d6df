/** The words of the registration pages in English. */
import type { registration as ja } from './ja-registration.ts';

export const registration: Record<keyof typeof ja, string> = {
  'register.steps': 'Steps of the registration',
  'register.step.code': 'First check',
  'register.step.credentials': 'Your credentials',
  'register.step.done': 'Registered',
  'register.user_id': 'User ID',

  'register.code.intro':
    'Here you register your credentials for “{service}”. First, enter the one-time password that you were given.',
  'register.code.label': 'One-time password',
  'register.code.hint':
    'The {digits} digits of the initial one-time password, from a mail or from your administrator. They work until {time}.',
  'register.code.submit': 'Next',
  'register.code.empty': 'Enter the one-time password.',
  'register.code.wrong': 'The one-time password is wrong.',
  'register.code.wrong_next':
    'If you have a newer invitation, use its address. After several wrong entries you can no longer register.',
  'register.code.again': 'To keep you safe, enter the one-time password again. You have not registered yet.',

  'register.credentials.intro':
    'Register the credentials that you will log in with. The secret question and its answer show that it is you on the day when you have forgotten the rest.',
  'register.credentials.submit': 'Register',

  'credentials.enter_again': 'To keep them safe, enter the answer and the password again.',
  'credentials.enter_answer_again': 'To keep it safe, enter the answer again.',
  'credentials.question.label': 'Secret question',
  'credentials.question.choose': 'Choose one',
  'credentials.question.none': 'Choose a secret question.',
  'credentials.answer.label': 'Answer to the secret question',
  'credentials.answer.hint':
    'One that others do not know and that you will not forget. Upper and lower case, spaces and punctuation make no difference.',
  'credentials.answer.empty': 'Enter the answer to the secret question.',
  'credentials.answer.too_short':
    'The answer to the secret question needs at least 2 characters, apart from spaces and punctuation; one is enough if it is a kanji.',
  'credentials.answer.too_long': 'The answer to the secret question can have at most 100 characters.',
  'credentials.password.label': 'Password',
  'credentials.password.hint':
    'Between {min} and 256 characters of any kind, spaces included. It must not be a common one, resemble your user ID or the name of the service, or be easy to guess.',
  'credentials.password.empty': 'Enter a password.',
  'credentials.password.show': 'Show password',
  'credentials.password.hide': 'Hide password',
  'credentials.password.strength': 'Strength of the password',
  'credentials.password_again.label': 'Password, once more',
  'credentials.password_again.empty': 'Enter the password once more.',
  'credentials.password_again.differs': 'The two passwords are not the same.',

  'register.done.text': 'Your credentials are registered. You can log in from now on.',
  'register.done.again': 'This registration is already done. Open the site and log in.',
  'register.done.at': 'Registered at',
  'register.done.next': 'Go to the site and log in.',
  'register.done.to_site': 'Go to “{site}”',
  'register.done.open_site': 'Open your site and log in.',
  'register.done.not_you': 'If it was not you who registered, contact the support desk of your site at once.',

  'register.problem.unknown.title': 'We do not know this registration address',
  'register.problem.unknown.text':
    'Part of the address is missing, or it was replaced by a newer invitation. Make sure that you opened the whole address in the mail, and look for a newer one.',
  'register.problem.expired.title': 'The time to register is over',
  'register.problem.expired.text':
    'This registration address no longer works. To register, you need a new invitation.',
  'register.problem.not_allowed.title': 'You cannot register',
  'register.problem.not_allowed.text': 'This user ID cannot be used at present.',
  'register.problem.locked.title': 'You can no longer register with this invitation',
  'register.problem.locked.text':
    'Wrong one-time passwords were entered repeatedly, so this invitation has been stopped. With a new invitation you can register.',
  'register.problem.locked.until': 'After {time} you can also go on with this invitation.',
  'register.problem.too_many_requests.title': 'Too many requests',
  'register.problem.too_many_requests.text': 'There were many requests, so we have paused for a moment.',
  'register.problem.forged_request.title': 'We could not verify this step',
  'register.problem.forged_request.text':
    'To keep you safe we did not accept it. Check that your browser allows cookies and try again.',
  'register.problem.wait_until': 'Try again after {time}.',
  'register.problem.retry': 'Try again',
  'register.problem.contact_desk': 'Contact this support desk to learn more.',
  'register.problem.contact_site': 'Contact the support desk of your site to learn more.',
  'register.problem.ask_desk': 'Ask this support desk for a new invitation.',
  'register.problem.ask_site': 'Ask the support desk of your site for a new invitation.',
};
