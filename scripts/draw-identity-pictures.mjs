// Draws the pictures of docs/guide/identity.md: the identity graph of the build says what is in them.
// `--check` draws nothing and fails when they are not those that are there.
import { readFileSync, writeFileSync } from 'node:fs';
import { evaluateGraph, graphSettings } from '#identity';

const TYPES = { CRMID: 'CROSS_DEVICE', Email: 'EMAIL', WEB: 'COOKIE' };
const DEFAULTS = { unique: [], priority: [], maxIdentities: 50, blockedValues: [], version: 0 };

const WIDTH = 290;
const TOP = 62;
const STEP = 92;
const BOX = { width: 190, height: 40 };
const COLOURS = ['#dbeafe', '#dcfce7', '#fef3c7'];
const LINES = {
  active: 'stroke="#1f2937" stroke-width="2.5"',
  excluded: 'stroke="#b45309" stroke-width="2" stroke-dasharray="5 5"',
  blocked: 'stroke="#b91c1c" stroke-width="2" stroke-dasharray="2 5"',
};

const pictures = {
  // The worked example: two people log in on one browser in turn.
  'identity-cluster.svg': picture(
    ['CRMID:a', 'WEB:x', 'CRMID:b'],
    { ...DEFAULTS, unique: ['CRMID'], priority: ['CRMID', 'Email', 'WEB'] },
    [
      { title: '1. a logs in on browser x', links: [['CRMID:a', 'WEB:x', 1]] },
      {
        title: '2. b logs in on it',
        links: [
          ['CRMID:a', 'WEB:x', 1],
          ['CRMID:b', 'WEB:x', 2],
        ],
      },
      {
        title: '3. a logs in again',
        links: [
          ['CRMID:a', 'WEB:x', 3],
          ['CRMID:b', 'WEB:x', 2],
        ],
      },
    ],
  ),
  // The commands of the guide: two customers with an address that belongs to the shop.
  'identity-repair.svg': picture(['CRMID:7', 'Email:info@shop.example', 'CRMID:8'], DEFAULTS, [
    {
      title: '1. both came with one address',
      links: [
        ['CRMID:7', 'Email:info@shop.example', 1],
        ['CRMID:8', 'Email:info@shop.example', 2],
      ],
    },
    {
      title: '2. one link is blocked',
      links: [
        ['CRMID:7', 'Email:info@shop.example', 1],
        ['CRMID:8', 'Email:info@shop.example', 2, 'blocked'],
      ],
    },
    {
      title: '3. it is unblocked',
      links: [
        ['CRMID:7', 'Email:info@shop.example', 1],
        ['CRMID:8', 'Email:info@shop.example', 2],
      ],
    },
  ]),
};

let stale = 0;
for (const [name, svg] of Object.entries(pictures)) {
  const file = new URL(`../docs/guide/${name}`, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, svg);
  else if (readFileSync(file, 'utf8') !== svg) {
    stale += 1;
    console.log(`docs/guide/${name} is not what the graph says: node scripts/draw-identity-pictures.mjs`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;

/** One panel for each moment, the identities below one another in the order of `refs`. */
function picture(refs, settings, moments) {
  const panels = moments.map((moment, index) => panel(refs, settings, moment, index * WIDTH)).join('\n');
  const [width, height] = [moments.length * WIDTH, TOP + refs.length * STEP];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="14">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    panels,
    '</svg>\n',
  ].join('\n');
}

function panel(refs, settings, { title, links }, left) {
  // Before their first item nobody knows them.
  const here = refs.filter((ref) => links.some(([a, b]) => a === ref || b === ref));
  const identities = here.map((ref) => {
    const [namespace, id] = ref.split(':');
    return { ref, namespace, id, idType: TYPES[namespace] };
  });
  const known = links.map(([a, b, last, blocked], index) => ({
    key: `${a}+${b}`,
    a,
    b,
    last,
    seen: String(index),
    blocked: blocked === 'blocked',
  }));
  const { clusters, states } = evaluateGraph(identities, known, graphSettings(settings));
  const middle = left + WIDTH / 2;
  const y = (ref) => TOP + refs.indexOf(ref) * STEP;
  const hulls = clusters
    .map((members) => members.map(y).sort((a, b) => a - b))
    .sort(([a], [b]) => a - b)
    .map((places, index) => {
      const [top, bottom] = [places[0] - 12, places.at(-1) + BOX.height + 12];
      const shape = `x="${middle - 125}" y="${top}" width="250" height="${bottom - top}" rx="16"`;
      return `<rect ${shape} fill="${COLOURS[index]}" stroke="#94a3b8"/>`;
    });
  const lines = known.flatMap((link) => {
    const { state, reason } = states.get(link.key);
    const [top, bottom] = [y(link.a), y(link.b)].sort((a, b) => a - b);
    const why = state === 'excluded' ? `: ${reason} is unique` : '';
    return [
      `<line x1="${middle - 60}" y1="${top + BOX.height}" x2="${middle - 60}" y2="${bottom}" ${LINES[state]}/>`,
      `<text x="${middle - 48}" y="${(top + BOX.height + bottom) / 2 + 5}" font-size="12">t${link.last}, ${state}${why}</text>`,
    ];
  });
  const boxes = here.map((ref) => {
    const shape = `x="${middle - BOX.width / 2}" y="${y(ref)}" width="${BOX.width}" height="${BOX.height}" rx="6"`;
    const label = `<text x="${middle}" y="${y(ref) + 25}" text-anchor="middle">${ref}</text>`;
    return `<rect ${shape} fill="#ffffff" stroke="#334155"/>\n${label}`;
  });
  const heading = `<text x="${middle}" y="28" text-anchor="middle" font-weight="bold">${title}</text>`;
  return [heading, ...hulls, ...lines, ...boxes].join('\n');
}
