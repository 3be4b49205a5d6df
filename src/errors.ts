/**
 * Faults and refusals with a stable code. What users get wrong is a return value of the verb; these are for what the
 * caller cannot go on from.
 */
export type ErrorCode =
  | 'database_unavailable'
  | 'invalid_input'
  | 'not_found'
  | 'already_exists'
  | 'body_too_large'
  | 'malformed_body'
  | 'forged_request'
  | 'misdirected_request'
  | 'method_not_allowed'
  /** More work waits than will be done in time; nothing was changed, and later it may go. */
  | 'busy';

/** An error that a face of the program (page, command, API) can show by its code. */
export class SekishoError extends Error {
  override name = 'SekishoError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether a value is a SekishoError of this code. */
export function isError(error: unknown, code: ErrorCode): error is SekishoError {
  return error instanceof SekishoError && error.code === code;
}
