/** One production request a line: what --format ndjson prints. */
import type { RequestLine, ShownAnswer, ShownResponses } from '../diff/request-line.ts';
import { escapeJson } from '../text/json.ts';

/**
 * One JSON line with its newline, keys in the order of the type. A time that is not a number is null; characters that a
 * terminal would act on are \u escapes. Written out field by field: there may be millions.
 */
export function renderRequest(request: RequestLine): string {
  const { production } = request;
  const line: EveryKey<RequestLine> = {
    id: request.id,
    bucket: request.bucket,
    kind: request.kind,
    route: request.route,
    time: request.time,
    production: {
      status: production.status,
      method: production.method,
      target: production.target,
      termination: production.termination,
      first_byte_ms: milliseconds(production.first_byte_ms),
      total_ms: milliseconds(production.total_ms),
    },
    mirror: request.mirror === null ? null : mirrorSide(request.mirror),
    traceId: request.traceId,
    spoe_status: request.spoe_status,
    dropped: request.dropped,
    destination: request.destination,
    responses: request.responses && responsesOf(request.responses),
  };
  return `${escapeJson(JSON.stringify(line))}\n`;
}

type Difference = ShownResponses['differences'][number];

/** All keys of a type, so that none can be forgotten; what is undefined is left out of the text. */
type EveryKey<T> = { readonly [Key in keyof T]-?: T[Key] | undefined };

function mirrorSide({ status, error, first_byte_ms, total_ms, attempts }: ShownAnswer): ShownAnswer {
  return {
    status,
    error,
    first_byte_ms: milliseconds(first_byte_ms),
    total_ms: milliseconds(total_ms),
    ...(attempts !== undefined && { attempts }),
  };
}

function responsesOf({ body, differences, noise }: ShownResponses): ShownResponses {
  return { body, differences: differences.map(inOrder), ...(noise !== undefined && { noise: noise.map(inOrder) }) };
}

function inOrder({ place, kind, shape }: Difference): Difference {
  return { place, kind, ...(shape !== undefined && { shape }) };
}

/** HAProxy's -1 means that there is no such time. */
function milliseconds(ms: number | null): number | null {
  return ms === null || !(ms >= 0) ? null : ms;
}
