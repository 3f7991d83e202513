/**
 * What an agent asks of HAProxy: doc/SPOE.txt, section 3.4 "Actions".
 *
 *     LIST-OF-ACTIONS  : [ <ACTION-TYPE:1 byte> <NB-ARGS:1 byte> <ACTION-ARGS> ... ]
 *     ACTION-SET-VAR   : <1> <3> <VAR-SCOPE:1 byte> <VAR-NAME> <VAR-VALUE>
 *     ACTION-UNSET-VAR : <2> <2> <VAR-SCOPE:1 byte> <VAR-NAME>
 *     VAR-NAME         : <STRING>
 *     VAR-VALUE        : <TYPED-DATA>
 *
 * HAProxy puts the agent's `var-prefix` in front of the name and ignores variables it does not know.
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { invalidFrame } from './errors.ts';
import { readShortString, writeShortString } from './kv-list.ts';
import { readTypedData, type TypedData, writeTypedData } from './typed-data.ts';

const SET_VAR = 1;
const SET_VAR_ARGS = 3;
const UNSET_VAR = 2;
const UNSET_VAR_ARGS = 2;

/** `proc`, `sess`, `txn`, `req` and `res` of HAProxy's configuration. */
export const VariableScope = {
  process: 0,
  session: 1,
  transaction: 2,
  request: 3,
  response: 4,
} as const;
export type VariableScope = (typeof VariableScope)[keyof typeof VariableScope];

export interface SetVar {
  readonly type: 'set-var';
  readonly scope: VariableScope;
  readonly name: string;
  readonly value: TypedData;
}

export interface UnsetVar {
  readonly type: 'unset-var';
  readonly scope: VariableScope;
  readonly name: string;
}

export type Action = SetVar | UnsetVar;

export function setVarAction(scope: VariableScope, name: string, value: TypedData): SetVar {
  return { type: 'set-var', scope, name, value };
}

export function unsetVarAction(scope: VariableScope, name: string): UnsetVar {
  return { type: 'unset-var', scope, name };
}

export function readActions(reader: ByteReader): Action[] {
  const actions: Action[] = [];
  while (reader.position < reader.end) actions.push(readAction(reader));
  return actions;
}

/** An unknown action is an error: its first argument may be a bare byte, so its end cannot be found. */
function readAction(reader: ByteReader): Action {
  const type = reader.readByte('action type');
  const count = reader.readByte('number of action arguments');
  if (type !== SET_VAR && type !== UNSET_VAR) throw invalidFrame(`action type ${type} is unknown`);
  if (count !== (type === SET_VAR ? SET_VAR_ARGS : UNSET_VAR_ARGS)) {
    throw invalidFrame(`action type ${type} with ${count} arguments`);
  }
  const scope = reader.readByte('variable scope');
  if (!isScope(scope)) throw invalidFrame(`variable scope ${scope} is unknown`);
  const name = readShortString(reader, 'variable name');
  if (type === UNSET_VAR) return unsetVarAction(scope, name);
  return setVarAction(scope, name, readTypedData(reader));
}

function isScope(scope: number): scope is VariableScope {
  return scope <= VariableScope.response;
}

export function writeActions(writer: ByteWriter, actions: readonly Action[]): void {
  for (const action of actions) {
    const sets = action.type === 'set-var';
    writer.writeByte(sets ? SET_VAR : UNSET_VAR);
    writer.writeByte(sets ? SET_VAR_ARGS : UNSET_VAR_ARGS);
    writer.writeByte(action.scope);
    writeShortString(writer, action.name);
    if (sets) writeTypedData(writer, action.value);
  }
}
