/** The script of a page: built into one text by scripts/build.mjs. A page says all it has to say without it. */
import { makeCharts } from './charts.ts';
import { listenLive } from './live.ts';

makeCharts(document);
listenLive(document.body.dataset.live, (part) => makeCharts(part));
