/** What an agent has done since it was created. Plain numbers: they are added up over workers and sent as JSON. */
export interface AgentStats {
  /** Connections that are open now. */
  connections: number;
  connectionsTotal: number;
  /** Connections refused because there were too many. */
  connectionsRefused: number;
  /** Connections ended because one of another peer, which has fewer, needed the place. */
  connectionsGaveWay: number;
  /** Connections refused because --allow does not name their address. */
  connectionsNotAllowed: number;
  /** How many connections may be open. */
  connectionsMax: number;
  healthchecks: number;
  /** Complete HELLOs of engines, health checks not among them. */
  hellos: number;
  /** NOTIFY frames, a fragmented one counted once. */
  notifies: number;
  messages: number;
  /** Messages no handler is named for. */
  messagesUnhandled: number;
  acks: number;
  /** ACKs whose connection, and every other one of its engine, was gone. */
  acksLost: number;
  /** Handlers that threw or rejected, or returned what does not fit into an ACK. */
  handlerErrors: number;
  /** NOTIFY frames whose handlers have not returned. */
  inFlight: number;
  bytesRead: number;
  /** Chunks that had to wait, because reading all of them at once would have kept other connections waiting. */
  readsDeferred: number;
  bytesWritten: number;
  /** Frames of an unknown type. */
  framesSkipped: number;
  /** Fragmented payloads that were given up, by HAProxy or by us. */
  payloadsAborted: number;
  /** Bytes held for incomplete payloads. */
  fragmentBytes: number;
  helloTimeouts: number;
  idleTimeouts: number;
  /** Connections closed because the peer did not read. */
  stalled: number;
  /** Connections that ended in the middle of a frame. */
  cut: number;
  /** AGENT-DISCONNECT frames by status code. */
  disconnects: { [code: string]: number };
  /** HAPROXY-DISCONNECT frames by status code. */
  haproxyDisconnects: { [code: string]: number };
  /** TLS handshakes that came to nothing, by reason. */
  tlsHandshakesFailed: { [reason: string]: number };
}

export function newAgentStats(): AgentStats {
  return {
    connections: 0,
    connectionsTotal: 0,
    connectionsRefused: 0,
    connectionsGaveWay: 0,
    connectionsNotAllowed: 0,
    connectionsMax: 0,
    healthchecks: 0,
    hellos: 0,
    notifies: 0,
    messages: 0,
    messagesUnhandled: 0,
    acks: 0,
    acksLost: 0,
    handlerErrors: 0,
    inFlight: 0,
    bytesRead: 0,
    readsDeferred: 0,
    bytesWritten: 0,
    framesSkipped: 0,
    payloadsAborted: 0,
    fragmentBytes: 0,
    helloTimeouts: 0,
    idleTimeouts: 0,
    stalled: 0,
    cut: 0,
    disconnects: {},
    haproxyDisconnects: {},
    tlsHandshakesFailed: {},
  };
}

/** Statistics of connections that the process that accepts them refuses: the sessions never see these. */
export function turnedAway(notAllowed: number, refused: number): AgentStats {
  return {
    ...newAgentStats(),
    connectionsTotal: notAllowed + refused,
    connectionsNotAllowed: notAllowed,
    connectionsRefused: refused,
  };
}

/** A peer may send any code: those beyond the first few are counted as `other`. */
const MAX_CODES = 32;

export function countCode(counts: { [code: string]: number }, code: number | string): void {
  const known = Object.hasOwn(counts, code);
  const name = known || Object.keys(counts).length < MAX_CODES ? String(code) : 'other';
  counts[name] = (counts[name] ?? 0) + 1;
}
