"""List touch targets under 44 px and pages that scroll sideways at 360 px.

Usage: python web/dev/targets.py BASE PATH...   ($MATINEE_STATE as in shots.py)
"""

import asyncio
import os
import shutil
import sys

from playwright.async_api import async_playwright
from shots import ARGS

SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary, textarea')].filter(e => {
  let box = e.getBoundingClientRect(); const label = e.closest('label');
  if (label) box = label.getBoundingClientRect();
  const inText = e.matches('p a, span a, .footer a'); const hidden = e.closest('.hidden-text, .skip') || !box.width;
  return !inText && !hidden && getComputedStyle(e).visibility !== 'hidden' && (box.height < 43.5 || box.width < 43.5);
}).map(e => `${e.tagName.toLowerCase()}.${e.className} "${(e.getAttribute('aria-label') || e.textContent).slice(0, 30)}" ${Math.round(e.getBoundingClientRect().width)}x${Math.round(e.getBoundingClientRect().height)}`)"""


async def main(base: str, paths: list[str]) -> None:
    async with async_playwright() as p:
        browser = await p.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        context = await browser.new_context(
            viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True,
            storage_state=os.environ.get("MATINEE_STATE"))  # fmt: skip
        page = await context.new_page()
        for path in paths:
            await page.goto(base + path)
            await page.wait_for_timeout(1500)
            wide = await page.evaluate("document.documentElement.scrollWidth - screen.width")
            print(
                path,
                f"{wide} px too wide" if wide > 0 else "fits",
                *await page.evaluate(SMALL),
                sep="\n   ",
            )
        await browser.close()


asyncio.run(main(sys.argv[1], sys.argv[2:]))
