"""Take screenshots of the pages and run axe on them.

Usage: python web/dev/shots.py BASE OUT NAME=PATH... [--desk] [--phone] [--light] [--dark]
A browser state with a session (Playwright's storage_state) is read from $MATINEE_STATE.
"""

import asyncio
import os
import pathlib
import shutil
import sys

from playwright.async_api import async_playwright

AXE = pathlib.Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
ARGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking"]  # fmt: skip
RUN_AXE = "async () => (await axe.run()).violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).slice(0, 4).join(' | ')} -- ${v.nodes[0].failureSummary}`)"


async def main(
    base: str, out: str, pages: dict[str, str], sizes: list[str], schemes: list[str]
) -> None:
    async with async_playwright() as p:
        browser = await p.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        for size in sizes:
            for scheme in schemes:
                width, height = SIZES[size]
                context = await browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme,
                    has_touch=size == "phone", is_mobile=size == "phone", bypass_csp=True,
                    storage_state=os.environ.get("MATINEE_STATE"))  # fmt: skip
                page = await context.new_page()
                page.on("console", lambda m: m.type == "error" and print("  console:", m.text))
                page.on("pageerror", lambda e: print("  pageerror:", e))
                for name, path in pages.items():
                    await page.goto(base + path)
                    await page.wait_for_timeout(4000 if "/watch" in path else 1200)
                    await page.screenshot(path=f"{out}/{name}-{size}-{scheme}.png")
                    await page.add_script_tag(path=str(AXE))
                    for violation in await page.evaluate(RUN_AXE):
                        print(f"axe {name} {size} {scheme}: {violation}")
                    wide = await page.evaluate("document.documentElement.scrollWidth") - width
                    if wide > 0:
                        print(f"{name} {size}: {wide} px too wide")
                await context.close()
        await browser.close()


if __name__ == "__main__":
    named = dict(
        one.split("=", 1) for one in sys.argv[3:] if "=" in one and not one.startswith("--")
    )
    flags = [one[2:] for one in sys.argv[3:] if one.startswith("--")]
    asyncio.run(main(sys.argv[1], sys.argv[2], named,
                     [one for one in flags if one in SIZES] or list(SIZES),
                     [one for one in flags if one in {"light", "dark"}] or ["dark", "light"]))  # fmt: skip
