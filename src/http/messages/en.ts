/** The words in English. */
import { forgotten } from './en-forgotten.ts';
import { invitationMails } from './en-invitation-mails.ts';
import { password } from './en-password.ts';
import { registration } from './en-registration.ts';
import type { ja } from './ja.ts';

export const en: Record<keyof typeof ja, string> = {
  'page.title': '{what} | {service}',
  'page.error': 'Error: ',
  'page.skip': 'Skip to main content',
  'page.help': 'Help',
  'page.reference': 'Reference',
  'page.back_to_site': 'Back to {site}',

  'support.heading': 'Support desk',
  'support.phone': 'Phone',
  'support.email': 'Email',
  'support.hours': 'Hours',
  'support.url': 'Web page',

  'login.to_site': 'Log in to {site}',
  'login.cancel': 'Cancel and go back to the site',
  'login.back_to_login': 'Back to the login page',

  'login.user_id.title': 'Log in',
  'login.forgotten': 'Forgot your credentials?',

  'login.user_id.intro_then_code':
    'Send us your user ID and we will mail a one-time password to your registered addresses.',
  'login.user_id.intro_then_any': 'Send us your user ID to go on to the page for your login method.',
  'login.user_id.intro_beside_password': 'Enter your user ID and your password.',
  'login.user_id.label': 'User ID',
  'login.user_id.submit': 'Send',
  'login.user_id.empty': 'Enter your user ID.',
  'login.user_id.too_long': 'The user ID is too long. Check what you entered.',

  'login.password.title': 'Enter your password',
  'login.password.submit': 'Log in',
  'login.password.empty': 'Enter your password.',

  'login.step_up.title': 'One more check',
  'login.step_up.code':
    '{site} needs a one-time password from you as well. Press Send and we will mail one of {digits} digits to your registered addresses.',
  'login.step_up.password': '{site} needs your password as well.',
  'login.step_up.submit': 'Send',

  'login.unmet.title': 'You cannot log in to this site',
  'login.unmet.text':
    '{site} asks for more checks than your login method has. You cannot use this site with your present login method.',
  'login.unmet.next': 'Ask this support desk about login methods.',
  'login.unmet.next_without_desk': 'Ask the support desk of your site about login methods.',

  'login.code.title': 'Enter the one-time password',
  'login.code.sent': 'We are mailing a one-time password of {digits} digits to your registered addresses.',
  'login.code.sent_if_known':
    'If the user ID is registered, a one-time password of {digits} digits will arrive by email.',
  'login.code.for_user': 'User ID',
  'login.code.label': 'One-time password',
  'login.code.hint': 'The {digits} digits in the email. They work once, until {time}.',
  'login.code.submit': 'Log in',
  'login.code.empty': 'Enter the one-time password.',
  'login.code.resent': 'We sent it again. The one-time password is the same as in the earlier email.',
  'login.code.mail_state': 'Email status',
  'login.code.mail.waiting': 'It is waiting for its turn to be sent.',
  'login.code.mail.handed_over': 'The mail server has taken it. It should arrive soon.',
  'login.code.mail.refused':
    'The mail server refused the email. Ask the support desk of your site whether your registered address is still right.',
  'login.code.mail.deferred': 'The mail server has not taken it yet. We will try again by ourselves shortly.',
  'login.code.mail.given_up': 'The email could not be sent. Contact the support desk of your site.',
  'login.code.addresses': 'Addresses: {count}',
  'login.code.refresh': 'Show the latest state',
  'login.code.late.heading': 'If the email does not arrive',
  'login.code.late.spam': 'Look in your spam folder.',
  'login.code.late.sender': 'If you limit who can mail you, allow this sender:',
  'login.code.late.same':
    'Sending again mails the same one-time password, so the one in a late email works as well.',
  'login.code.resend': 'Send again',
  'login.code.resend_wait': 'You can send again in {seconds} s.',
  'login.code.resend_left': 'Times you can send again: {left}',
  'login.code.resend_none': 'It cannot be sent again any more.',
  'login.code.restart': 'Log in with another user ID',

  'login.problem.could_not_send.title': 'The one-time password could not be sent',
  'login.problem.could_not_send.text':
    'Check your user ID and log in again. If you have been sent an invitation, register by its URL first. If this happens again, contact the support desk of your site.',
  'login.problem.authentication_failed.title': 'Authentication failed',
  'login.problem.authentication_failed.text':
    'The one-time password is wrong. Repeated mistakes lock the account. Check the most recent email.',
  'login.problem.wrong_password.title': 'Authentication failed',
  'login.problem.wrong_password.text':
    'The user ID or the password is wrong. Repeated mistakes lock the account. If you have been sent an invitation, register by its URL first.',
  'login.problem.locked.title': 'The account is locked',
  'login.problem.locked.text': 'You cannot go on because wrong entries were made repeatedly.',
  'login.problem.locked.next': 'Ask this support desk to unlock it.',
  'login.problem.locked.next_without_desk': 'Ask the support desk of your site to unlock it.',
  'login.problem.locked.error_code': 'Error code',
  'login.problem.locked.error_code_use': 'Tell the support desk this error code.',
  'login.problem.locked.until': 'It unlocks by itself after {time}.',
  'login.problem.code_expired.title': 'Authentication failed',
  'login.problem.code_expired.text':
    'The one-time password has expired. Go back to the login page to get a new one.',
  'login.problem.code_used.title': 'Authentication failed',
  'login.problem.code_used.text':
    'This one-time password was already used. Go back to the login page to get a new one.',
  'login.problem.too_many_mails.title': 'No more emails can be sent for now',
  'login.problem.too_many_mails.text':
    'One-time passwords were requested too often in a short time. If one has arrived, look at the most recent email.',
  'login.problem.too_many_requests.title': 'Too many requests',
  'login.problem.too_many_requests.text': 'Too many requests came in, so we stopped taking them for a while.',
  'login.problem.expired_page.title': 'This page can no longer be used',
  'login.problem.expired_page.text':
    'It was open too long, or you went on in another tab or by the back button.',
  'login.problem.already_signed_in.title': 'You are already logged in',
  'login.problem.already_signed_in.text':
    'This login is already complete. Go back to the site and use it as usual.',
  'login.problem.forged_request.title': 'We could not verify this step',
  'login.problem.forged_request.text':
    'To keep you safe we did not accept it. Check that your browser allows cookies and try again.',
  'login.problem.resend_too_early.title': 'It is too early to send again',
  'login.problem.resend_too_early.text': 'The last email was sent just now.',
  'login.problem.resend_limit.title': 'It cannot be sent again any more',
  'login.problem.resend_limit.text':
    'You have used all the times you can send again. The one-time password that was mailed works until it expires.',
  'login.problem.wait_until': 'Try again after {time}.',
  'login.problem.retry_code': 'Enter the one-time password again',
  'login.problem.retry_password': 'Enter the password again',
  'login.problem.back_to_code': 'Back to entering the one-time password',
  'login.problem.retry': 'Try again',
  'login.problem.from_site': 'Go back to the site and log in from the start.',
  'login.problem.open_site': 'Open your site again and log in from the start.',

  'oidc.error.title': 'The login could not be started',
  'oidc.error.unknown_client':
    'The site that asked you to log in is not registered. Check its address or tell its administrator.',
  'oidc.error.bad_redirect_uri':
    'The address to return to after the login is not a registered one. Tell the administrator of the site.',
  'oidc.error.expired': 'This step has expired. Go back to the site and log in from the start.',
  'oidc.error.request':
    'The request of the site could not be processed. Go back to the site and start again.',
  'oidc.error.logout_title': 'You could not be logged out',
  'oidc.error.logout':
    'The logout that the site asked for could not be carried out. To log out, go back to the site and try again.',
  'oidc.error.details': 'What to tell the administrator',
  'oidc.error.code': 'Error code',

  'oidc.logout.title': 'Log out?',
  'oidc.logout.question': 'Do you want to log out?',
  'oidc.logout.asked_by': '{site} asks you to log out. Do you want to?',
  'oidc.logout.effect': 'Other sites that you use with the same login will ask you to log in next time.',
  'oidc.logout.yes': 'Log out',
  'oidc.logout.no': 'Stay logged in',
  'oidc.logged_out.title': 'You are logged out',
  'oidc.logged_out.text': 'On a shared computer, close the browser as well.',

  'oidc.form_post.title': 'Going back to the site',
  'oidc.form_post.text': 'If nothing happens by itself, press Continue.',
  'oidc.form_post.continue': 'Continue',

  'http.not_found.title': 'Page not found',
  'http.not_found.text': 'The address is wrong or the page is gone. Open it again from your site.',
  'http.fault.title': 'Something went wrong',
  'http.fault.text':
    'The system has a problem. Wait a little and try again. If it happens again, give the reference to the support desk.',
  'http.unavailable.title': 'Not available for the moment',
  'http.unavailable.text': 'We cannot take requests right now. Open the page again in a few minutes.',
  'http.refused.method.title': 'This cannot be done here',
  'http.refused.method.text':
    'This address does not take such a request. Open the page again from your site.',
  'http.refused.too_large.title': 'Too much was sent',
  'http.refused.too_large.text': 'Go back to the previous page and enter less.',
  'http.refused.malformed.title': 'What was sent could not be read',
  'http.refused.malformed.text': 'Go back to the previous page and enter it again.',
  'http.refused.forged_request.title': 'We could not verify this step',
  'http.refused.forged_request.text':
    'To keep you safe we did not accept it. Check that your browser allows cookies and open the previous page again.',
  'http.refused.misdirected.title': 'Not under this address',
  'http.refused.misdirected.text':
    'In trial mode pages open under the name of this machine itself (localhost) only. Check the address.',
  'http.refused.too_many_requests.title': 'Too many requests',
  'http.refused.too_many_requests.text': 'Too many requests came in, so we stopped taking them for a while.',
  'http.refused.again_in_seconds':
    'Wait about {seconds} seconds, then go back to the previous page and try again.',
  'http.refused.again_in_minutes':
    'Wait about {minutes} min, then go back to the previous page and try again.',

  'inbox.title': 'Inbox (trial)',
  'inbox.intro': 'Every email that was sent in trial mode is shown here.',
  'inbox.other_transport': 'The configured mail server really sends these emails as well.',
  'inbox.empty': 'There is no email yet. Log in from the sample site and it arrives here.',
  'inbox.refresh': 'Show the latest state',
  'inbox.to': 'To',
  'inbox.from': 'From',
  'inbox.at': 'Time',
  'inbox.text': 'Plain text',
  'inbox.html': 'HTML',
  'inbox.back': 'Back to the inbox',

  'mail.facts.at': 'Time',
  'mail.facts.site': 'Site',
  'mail.facts.browser': 'Browser',
  'mail.facts.address': 'IP address',
  'mail.automatic': 'This email was sent automatically by the login system of {contract}.',

  'mail.login_code.subject': '{site}: your one-time password',
  'mail.login_code.intro': 'This is your one-time password to log in to {site}.',
  'mail.login_code.label': 'One-time password',
  'mail.login_code.expires': 'Valid until {time}',
  'mail.login_code.how': 'Enter it in the browser in which you started to log in. It works once.',
  'mail.login_code.requested': 'Where the request came from',
  'mail.login_code.never_ask':
    'Nobody will ever ask you for a one-time password by phone or email. Do not give it to anyone.',
  'mail.login_code.not_you':
    'If you did not ask for it, delete this email. Nobody can log in unless the one-time password is entered. If such emails keep coming, contact the support desk of your site.',

  'mail.new_browser.subject': '{site}: login from a new browser',
  'mail.new_browser.intro': 'Somebody logged in to {site} from a browser that was not used before.',
  'mail.new_browser.facts': 'About this login',
  'mail.new_browser.was_you': 'If it was you, there is nothing to do.',
  'mail.new_browser.not_you':
    'If it was not you, somebody else may have logged in. Contact the support desk of your site at once.',
  ...password,
  ...registration,
  ...forgotten,
  ...invitationMails,
};
