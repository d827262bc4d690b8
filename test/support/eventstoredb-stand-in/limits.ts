/** The server's default for one append; only the data of the events count. */
export const MAX_APPEND_BYTES = 1_048_576;

/** A larger message ends the call before anybody looks at it. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** What the server reads for a subscription at a time, and its search window unless the client says otherwise. */
export const READ_BATCH = 32;
