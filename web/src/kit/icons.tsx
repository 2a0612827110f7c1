/** Line icons on a 24-unit grid, drawn for Matinee. Always decoration: the control has the words. */

const SHAPES = {
  play: <path d="M7 4.500v15l12.500-7.500z" fill="currentColor" />,
  pause: <path d="M6.500 4.500h4v15h-4zM13.500 4.500h4v15h-4z" fill="currentColor" />,
  replay: <path d="M4 12a8 8 0 1 0 2.600-5.900M4 4v4.500h4.500" />,
  back: <path d="M11.500 7 6 12l5.500 5M18 7l-5.500 5 5.500 5" />,
  forward: <path d="m12.500 7 5.500 5-5.500 5M6 7l5.500 5L6 17" />,
  volume: <path d="M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a7.800 7.800 0 0 1 0 11" />,
  muted: <path d="M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5" />,
  captions: <path d="M3.500 5.500h17v13h-17zM10.500 10.300a2.200 2.200 0 1 0 0 3.400M17.300 10.300a2.200 2.200 0 1 0 0 3.400" />,
  settings: <path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4" />,
  chapters: <path d="M8.500 6H20M8.500 12H20M8.500 18H20M4 6h.5M4 12h.5M4 18h.5" />,
  audio: <path d="M4 14v-2a8 8 0 0 1 16 0v2M4 14h3.500v5.500H4zM16.500 14H20v5.500h-3.500z" />,
  pip: <path d="M3.500 5h17v14h-17zM12 12h6v4.500h-6z" />,
  fullscreen: <path d="M4 9V4.500h5M15 4.500h5V9M20 15v4.500h-5M9 19.500H4V15" />,
  shrink: <path d="M9 4.500V9H4M20 9h-5V4.500M15 19.500V15h5M4 15h5v4.500" />,
  keyboard: <path d="M3 6.500h18v11H3zM7 10h.01M10.500 10h.01M14 10h.01M17.500 10h.01M8 14h8" />,
  search: <path d="M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.300 15.300 20 20" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  left: <path d="M14.500 5.500 8 12l6.500 6.500" />,
  right: <path d="M9.500 5.500 16 12l-6.500 6.500" />,
  check: <path d="m5 12.500 4.500 4.500L19 7.500" />,
  copy: <path d="M8.500 8.500h11v11h-11zM15.500 8.500v-4h-11v11h4" />,
  film: <path d="M4 5h16v14H4zM8 5v14M16 5v14M4 9.700h4M4 14.300h4M16 9.700h4M16 14.300h4" />,
  jobs: <path d="M4 7h6M14 7h6M4 12h11M19 12h1M4 17h3M11 17h9" />,
  upload: <path d="M12 15.500V4.500M7.500 9 12 4.500 16.500 9M4.500 15.500v4h15v-4" />,
  link: <path d="M9.500 14.500l5-5M8 11l-2 2a3.900 3.900 0 0 0 5.500 5.500l2-2M16 13l2-2a3.900 3.900 0 0 0-5.500-5.500l-2 2" />,
  pencil: <path d="M4.500 19.500 5.500 15 16 4.500 19.500 8 9 18.500z" />,
  trash: <path d="M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 12.500h9l1-12.500" />,
  external: <path d="M13 4.500h6.500V11M19.500 4.500 11 13M16.500 14v5.500h-12v-12H10" />,
  info: <path d="M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 11v5.500M12 7.700v.1" />,
  alert: <path d="M12 4 21 19.500H3zM12 10v4.500M12 17v.1" />,
  code: <path d="m8.500 7-5 5 5 5M15.500 7l5 5-5 5" />,
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}
