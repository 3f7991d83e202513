import type { LoadedPart } from '../tables/target.ts';
import type { EngineObject } from './engine.ts';

/** A row of spoe_loads, by the names of its columns. */
export function toLoadedPart(row: EngineObject): LoadedPart {
  return {
    loadId: String(row.load_id),
    firstLine: Number(row.first_line),
    endLine: Number(row.end_line),
    version: Number(row.version),
    state: String(row.state),
    tables: String(row.tables),
    leftOut: String(row.left_out),
    digest: Number(row.digest),
  };
}
