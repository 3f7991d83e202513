/**
 * The tables that logs are loaded into, as data: definitions of every engine, the order of bytes in a row, and the documents
 * come from this list. A change of it is a new SCHEMA_VERSION, and a step that leads to it.
 */

export const SCHEMA_VERSION = 1;

/**
 * `text` and `lowtext` (few different ones) are UTF-8; `moment` is a time in whole ms since 1970, UTC, 64 bits; `map` counts, 64
 * bits, by a number of 32 bits. In RowBinary: little endian, a text and a map after its length as a varint.
 */
export type ColumnType =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'f64'
  | 'text'
  | 'lowtext'
  | 'moment'
  | 'map';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** What it says, for the documents. */
  readonly help: string;
  /** The value that stands for none: NULL in Parquet. NaN is one. */
  readonly absent?: number;
  /** How rows of one key become one, in a table that adds up. */
  readonly combine?: 'sum' | 'min' | 'max' | 'sumMap';
  /** ClickHouse's codec, where another than ZSTD(1) was measured to be smaller. */
  readonly codec?: string;
}

export interface Table {
  readonly name: string;
  readonly help: string;
  readonly columns: readonly Column[];
  /** Columns by which it is ordered. */
  readonly orderBy: readonly string[];
  /** What cuts it into partitions: days or months of a moment, and the run. */
  readonly partitionBy: readonly { readonly column: string; readonly by: 'day' | 'month' | 'value' }[];
  /** The column whose hash says on which shard a row is; a table without one is small and the same everywhere. */
  readonly shardBy?: string;
  /** rows: each stays. latest: of those with one key the highest `version` counts. sums: those of one key are added up. */
  readonly keeps: 'rows' | 'latest' | 'sums';
}

const TIME: Column = { name: 'time', type: 'moment', help: 'when the line was logged', codec: 'Delta(8), ZSTD(1)' };
const HOST: Column = { name: 'host', type: 'lowtext', help: 'host of the line; of one without, what --host says' };
const RUN: Column = { name: 'run', type: 'lowtext', help: 'the comparison that it belongs to' };
const LINE_HASH: Column = {
  name: 'line_hash',
  type: 'u64',
  help: 'hash of the bytes of the line, 53 bits',
  codec: 'NONE',
};
const SOURCE: Column = { name: 'source', type: 'lowtext', help: 'the load_id of its file' };
const LINE: Column = {
  name: 'line',
  type: 'u64',
  help: 'number of the request or event in its file, from 0: in the order of lines',
  codec: 'Delta(8), ZSTD(1)',
};

const AGENT: Column = { name: 'agent', type: 'lowtext', help: 'the spoe-agent' };
const TYPE: Column = { name: 'type', type: 'lowtext', help: 'EVENT or GROUP' };
const EVENT: Column = { name: 'event', type: 'lowtext', help: 'name of the event or group' };

/** Timers of lines that have none are -2, of phases that never ended -1. */
const ABSENT = -2;
const phase = (name: string): Column => ({
  name,
  type: 'i32',
  help: `${name} of the line, ms; -1: it never ended`,
  absent: ABSENT,
});
const gauge = (name: string): Column => ({ name, type: 'u32', help: `${name} of the line; 0 where timers is 1` });

const EVENTS: Table = {
  name: 'spoe_events',
  help: 'an SPOE line each',
  columns: [
    TIME,
    HOST,
    { name: 'named', type: 'u8', help: '1: the line names its host; 0: it is what load says' },
    { name: 'process', type: 'lowtext', help: 'program of the line' },
    { name: 'pid', type: 'i32', help: 'its process', absent: -1 },
    AGENT,
    TYPE,
    EVENT,
    { name: 'sid', type: 'u32', help: 'stream', codec: 'Delta(4), ZSTD(1)' },
    { name: 'st', type: 'u32', help: 'status code', codec: 'T64, ZSTD(1)' },
    { name: 'pT', type: 'i32', help: 'time in all, ms; -1: it never ended' },
    { name: 'timers', type: 'u8', help: '5, or 1 where a line has pT only' },
    phase('reqT'),
    phase('qT'),
    phase('wT'),
    phase('resT'),
    gauge('idles'),
    gauge('applets'),
    gauge('sending'),
    gauge('waiting'),
    { name: 'nb_error', type: 'u64', help: 'errors of the process so far', codec: 'Delta(8), ZSTD(1)' },
    { name: 'nb_processed', type: 'u64', help: 'events of the process so far', codec: 'Delta(8), ZSTD(1)' },
    { name: 'times', type: 'u32', help: "how many it stands for: syslog's message repeated" },
    SOURCE,
    { name: 'part', type: 'u64', help: 'first_line of its part in spoe_loads', codec: 'Delta(8), ZSTD(1)' },
    {
      name: 'number',
      type: 'u32',
      help: 'number of the event in its part, from 0: in the order of lines',
      codec: 'Delta(4), ZSTD(1)',
    },
  ],
  orderBy: ['agent', 'type', 'event', 'host', 'time'],
  partitionBy: [{ column: 'time', by: 'day' }],
  shardBy: 'host',
  keeps: 'rows',
};

const MINUTES: Table = {
  name: 'spoe_minutes',
  help: 'the events of a minute, agent, name and host: how many, which codes, how long. Rows of one key are to be added up',
  columns: [
    { name: 'minute', type: 'moment', help: 'its beginning', codec: 'Delta(8), ZSTD(1)' },
    AGENT,
    TYPE,
    EVENT,
    HOST,
    { name: 'count', type: 'u64', help: 'events', combine: 'sum' },
    { name: 'errors', type: 'u64', help: 'of them with a code other than 0', combine: 'sum' },
    { name: 'pT_interrupted', type: 'u64', help: 'of them without a time in all (pT is -1)', combine: 'sum' },
    { name: 'pT_sum', type: 'u64', help: 'sum of pT, ms', combine: 'sum' },
    { name: 'pT_min', type: 'u32', help: 'lowest pT, ms; 4294967295 without any', combine: 'min' },
    { name: 'pT_max', type: 'u32', help: 'highest pT, ms; 0 without any', combine: 'max' },
    { name: 'status', type: 'map', help: 'events by code', combine: 'sumMap' },
    { name: 'pT', type: 'map', help: 'events by bucket of pT, as spoe-logs counts them', combine: 'sumMap' },
  ],
  orderBy: ['agent', 'type', 'event', 'host', 'minute'],
  partitionBy: [{ column: 'minute', by: 'month' }],
  shardBy: 'host',
  keeps: 'sums',
};

/** Lines without a host are of the host that they were loaded from (spoe_loads): that is not what they say. */
const LINE_HOST: Column = { name: 'host', type: 'lowtext', help: 'host of the line; empty without' };

/** What a request of either side has. */
const REQUEST: readonly Column[] = [
  // The time of a line without one is the beginning of 1970.
  TIME,
  LINE_HOST,
  { name: 'pid', type: 'i32', help: 'process', absent: -1 },
  { name: 'sid', type: 'i64', help: 'stream', absent: -1, codec: 'Delta(8), ZSTD(1)' },
  { name: 'unique_id', type: 'text', help: 'id of the request; empty without' },
  { name: 'trace_id', type: 'text', help: '32 hex digits; empty without' },
  { name: 'span_id', type: 'text', help: '16 hex digits; empty without' },
  { name: 'method', type: 'lowtext', help: 'method; empty when unknown' },
  { name: 'target', type: 'text', help: 'as logged, up to 256 characters' },
  { name: 'status', type: 'i16', help: 'status of the answer; -1 without' },
  { name: 'first_byte_ms', type: 'f64', help: 'to the first byte of the answer; -1 as logged', absent: Number.NaN },
  { name: 'total_ms', type: 'f64', help: 'in all; -1 as logged', absent: Number.NaN },
  { name: 'body_bytes', type: 'i32', help: 'bytes of the body of the answer', absent: -1 },
  { name: 'sent_bytes', type: 'i32', help: 'bytes of its head and body together', absent: -1 },
  {
    name: 'content_type',
    type: 'lowtext',
    help: 'media type of the answer; - where it has none, empty where the log does not tell',
  },
];

/** Where a request stands: two lines with the same bytes are one where nothing else can be. */
const STANDING: readonly Column[] = [
  LINE_HASH,
  { name: 'unmistakable', type: 'u8', help: '1: another line with these bytes is the same request again' },
  SOURCE,
  LINE,
  RUN,
];

const RUN_AND_DAY: Table['partitionBy'] = [
  { column: 'run', by: 'value' },
  { column: 'time', by: 'day' },
];

const PRODUCTION: Table = {
  name: 'prod_requests',
  help: 'a request of production each',
  columns: [
    ...REQUEST,
    { name: 'shape', type: 'lowtext', help: 'path with {…} for what is an id by itself; routes are named by it' },
    { name: 'flags', type: 'u8', help: '1 malformed, 2 client abort, 4 answered by HAProxy itself, 8 server failed' },
    { name: 'termination', type: 'lowtext', help: "HAProxy's termination state" },
    { name: 'lot', type: 'f64', help: 'in [0, 1), of the id: the lowest ones are sampled', codec: 'NONE' },
    ...STANDING,
  ],
  orderBy: ['time'],
  partitionBy: RUN_AND_DAY,
  shardBy: 'unique_id',
  keeps: 'rows',
};

const MIRROR: Table = {
  name: 'mirror_answers',
  help: 'a line of the mirror, or of the record of its agent, each',
  columns: [
    ...REQUEST,
    {
      name: 'error',
      type: 'lowtext',
      help: 'why there was no answer, or that it counts for nothing (sent-truncated: the body was cut); else empty',
    },
    { name: 'destination', type: 'lowtext', help: 'which of several mirrors; empty for one' },
    { name: 'answer', type: 'text', help: 'what the record keeps of the answer, JSON; empty without' },
    ...STANDING,
  ],
  orderBy: ['time'],
  partitionBy: RUN_AND_DAY,
  shardBy: 'unique_id',
  keeps: 'rows',
};

const ANSWERS: Table = {
  name: 'prod_answers',
  help: "what an agent's record keeps of an answer of production",
  columns: [
    TIME,
    { name: 'unique_id', type: 'text', help: 'id of the request' },
    { name: 'answer', type: 'text', help: 'JSON' },
    SOURCE,
    LINE,
    RUN,
  ],
  orderBy: ['time'],
  partitionBy: RUN_AND_DAY,
  shardBy: 'unique_id',
  keeps: 'rows',
};

const STREAMS: Table = {
  name: 'spoe_streams',
  help: 'an SPOE line of a log of production that a comparison reads',
  columns: [
    TIME,
    LINE_HOST,
    { name: 'pid', type: 'i32', help: 'process', absent: -1 },
    { name: 'sid', type: 'i64', help: 'stream', codec: 'Delta(8), ZSTD(1)' },
    AGENT,
    TYPE,
    EVENT,
    { name: 'st', type: 'u32', help: 'status code' },
    { name: 'pT', type: 'i32', help: 'time in all, ms' },
    LINE_HASH,
    SOURCE,
    LINE,
    RUN,
  ],
  orderBy: ['host', 'time'],
  partitionBy: RUN_AND_DAY,
  shardBy: 'host',
  keeps: 'rows',
};

const LOADS: Table = {
  name: 'spoe_loads',
  help: 'the parts of files that were loaded, and what their lines were',
  columns: [
    { name: 'load_id', type: 'text', help: 'what is loaded, the run, and a fingerprint of the beginning of the file' },
    { name: 'first_line', type: 'u64', help: 'number of the first line of the part, from 0' },
    { name: 'end_line', type: 'u64', help: 'number of the line behind its last one' },
    { name: 'version', type: 'u64', help: 'of the rows with one load_id and first_line the highest counts' },
    { name: 'state', type: 'lowtext', help: 'begun: its rows are being written; loaded: all are there' },
    { name: 'tables', type: 'lowtext', help: 'the tables that its rows are in, with commas' },
    { name: 'left_out', type: 'text', help: 'numbers of its events that another line told before, as ranges' },
    { name: 'digest', type: 'u32', help: 'of its rows: tells whether a file is the one that it was' },
    { name: 'run', type: 'lowtext', help: 'the comparison; empty without one' },
    { name: 'role', type: 'lowtext', help: 'events, production, spoe or mirror' },
    { name: 'host', type: 'lowtext', help: 'where it was loaded from' },
    { name: 'path', type: 'text', help: 'the file as it was named' },
    { name: 'lines', type: 'u64', help: 'lines of the part' },
    { name: 'bytes', type: 'u64', help: 'their bytes, uncompressed' },
    { name: 'rows', type: 'u64', help: 'rows of events, or of requests' },
    { name: 'duplicates', type: 'u64', help: 'lines of events that came before' },
    { name: 'other', type: 'u64', help: 'SPOE messages that are no event' },
    { name: 'malformed', type: 'u64', help: 'torn SPOE lines' },
    { name: 'spoofed', type: 'u64', help: "clients' text that looks like an event" },
    { name: 'unread', type: 'u64', help: 'events behind a header that is not known' },
    { name: 'untimed', type: 'u64', help: 'events without a time, which are not loaded' },
    { name: 'time_from', type: 'moment', help: 'the first time of its rows; 1970 without any' },
    { name: 'time_to', type: 'moment', help: 'the last one' },
    {
      name: 'details',
      type: 'text',
      help: 'JSON: of requests the format, and how many lines were what; of events what summarize says of other lines',
    },
    { name: 'loaded_at', type: 'moment', help: 'when' },
  ],
  orderBy: ['load_id', 'first_line'],
  partitionBy: [],
  keeps: 'latest',
};

const VERSIONS: Table = {
  name: 'spoe_schema',
  help: 'which version of these tables there is',
  columns: [
    { name: 'version', type: 'u32', help: 'SCHEMA_VERSION' },
    { name: 'applied_at', type: 'moment', help: 'when' },
  ],
  orderBy: ['version'],
  partitionBy: [],
  keeps: 'rows',
};

/** In the order in which they are made. */
export const TABLES = {
  spoe_schema: VERSIONS,
  spoe_loads: LOADS,
  spoe_events: EVENTS,
  spoe_minutes: MINUTES,
  prod_requests: PRODUCTION,
  mirror_answers: MIRROR,
  prod_answers: ANSWERS,
  spoe_streams: STREAMS,
} as const satisfies { readonly [name: string]: Table };

export type TableName = keyof typeof TABLES;
