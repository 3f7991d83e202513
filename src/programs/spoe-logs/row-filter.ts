import type { Names } from '../../logs/names.ts';
import { Int, timeOf } from '../../logs/row.ts';
import { NumberedFilter } from '../../stats/filter.ts';
import { type FilterOptions, toFilter } from './filter-options.ts';

/** The filter options for single rows; undefined when nothing is left out. */
export function rowFilter(
  options: FilterOptions,
): ((ints: Int32Array, floats: Float64Array, int: number, names: Names) => boolean) | undefined {
  const filter = toFilter(options);
  if (filter === undefined) return undefined;
  let known: { readonly names: Names; readonly numbered: NumberedFilter } | undefined;
  return (ints, floats, int, names) => {
    // Numbers mean what they mean in one table of names.
    if (known?.names !== names) known = { names, numbered: new NumberedFilter(filter, names) };
    const { numbered } = known;
    return (
      numbered.acceptsSource(
        ints[int + Int.key] as number,
        ints[int + Int.origin] as number,
        timeOf(floats, int >> 1),
      ) && numbered.acceptsStatus((ints[int + Int.status] as number) >>> 0)
    );
  };
}
