/** An error of the agent, beyond the protocol. `code` is stable; the message is for people. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: 'already-listening' | 'closed' | 'bad-limit' | 'listen' | 'usage' | 'log-file' | 'pid-file' | 'start';

  constructor(code: AgentError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
