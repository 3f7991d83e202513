/** Of the SPOE section, in milliseconds, whoever plays HAProxy: the vendor's page and docs/agent.md. */
export const HELLO_MS = 500;
/** The most that a stalled agent can cost a client's request. */
export const PROCESSING_MS = 500;
