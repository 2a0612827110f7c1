"""Drive the player as a viewer would and take pictures: python web/dev/drive.py BASE OUT TITLE_ID."""

import asyncio
import pathlib
import shutil
import sys

from playwright.async_api import async_playwright
from shots import ARGS, AXE, RUN_AXE


async def main(base: str, out: str, title: str) -> None:
    async with async_playwright() as p:
        browser = await p.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)

        async def check(page, name: str) -> None:
            await page.screenshot(path=str(pathlib.Path(out) / f"{name}.png"))
            await page.evaluate(AXE.read_text())
            for violation in await page.evaluate(RUN_AXE):
                print("axe", name, violation)

        async def plays(page, seconds: float) -> None:
            # Not wait_for_function: it evaluates strings, which the content security policy forbids.
            for _ in range(120):
                if (
                    await page.evaluate("document.querySelector('video')?.currentTime ?? 0")
                    > seconds
                ):
                    return
                await page.wait_for_timeout(250)
            raise TimeoutError(f"not playing past {seconds}")

        for protocol in ("", "?protocol=hls"):
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            page = await context.new_page()
            page.on(
                "console", lambda m: m.type in {"error", "warning"} and print("  console:", m.text)
            )
            page.on("pageerror", lambda e: print("  pageerror:", e))
            await page.goto(f"{base}/watch/{title}{protocol}")
            await plays(page, 2)
            state = """() => { const v = document.querySelector('video'), p = matineePlayer;
              return {t: v.currentTime, paused: v.paused, w: v.videoWidth, uri: p.getAssetUri(),
                type: p.getManifestType(), tracks: p.getVariantTracks().length, text: p.getTextTracks().map(t => t.language + (t.active ? '*' : '')),
                shown: [...document.querySelectorAll('.captions *')].map(e => e.textContent).join('|').slice(0, 80)} }"""
            print(protocol or "dash", await page.evaluate(state))
            tag = "hls" if protocol else "dash"
            await page.mouse.move(700, 500)
            await page.keyboard.press("c")
            await page.wait_for_timeout(1500)
            await page.mouse.move(900, 836)
            await page.wait_for_timeout(700)
            await check(page, f"player-hover-{tag}")
            print("captions", await page.evaluate(state))
            for label in ("Chapters", "Captions", "Sound", "Picture and speed"):
                button = page.get_by_role("button", name=label, exact=True)
                if not await button.count():
                    print("no button", label)
                    continue
                await button.click()
                await page.wait_for_timeout(400)
                await check(page, f"menu-{label.split()[0].lower()}-{tag}")
                await page.keyboard.press("Escape")
            await page.keyboard.press("d")
            await page.wait_for_timeout(2500)
            await check(page, f"stats-{tag}")
            await page.keyboard.press("d")
            before = (await page.evaluate(state))["t"]
            await page.keyboard.press("5")
            await page.wait_for_timeout(1500)
            await page.keyboard.press("m")
            await page.keyboard.press(">")
            print("seek 5:", before, "->", (await page.evaluate(state))["t"])
            await page.get_by_role("button", name="Picture and speed", exact=True).click()
            labels = page.locator(".menu .choices label")
            await labels.nth(
                await labels.count() - 8
            ).click()  # the lowest rung, before seven speeds
            await page.wait_for_timeout(3500)
            print("lowest", await page.evaluate(state))
            await page.keyboard.press("Escape")
            await page.keyboard.press("?")
            await page.wait_for_timeout(400)
            await check(page, f"keys-{tag}")
            await page.keyboard.press("Escape")
            await page.reload()
            await page.wait_for_timeout(2500)
            await check(page, f"resume-{tag}")
            print("resumed", await page.evaluate(state))
            await page.keyboard.press("End")
            await page.keyboard.press("k")
            await page.keyboard.press("k")
            await page.wait_for_timeout(3000)
            await check(page, f"end-{tag}")
            await context.close()
        context = await browser.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        )
        page = await context.new_page()
        await page.goto(f"{base}/watch/{title}")
        await plays(page, 1)
        await page.touchscreen.tap(200, 300)
        await page.wait_for_timeout(500)
        await check(page, "phone-controls")
        await page.get_by_role("button", name="Picture and speed", exact=True).tap()
        await page.wait_for_timeout(400)
        await check(page, "phone-menu")
        await context.close()
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        await page.route("**/manifest.mpd", lambda route: route.fulfill(status=404))
        await page.goto(f"{base}/watch/{title}")
        await page.wait_for_timeout(4000)
        await check(page, "fault")
        await browser.close()


asyncio.run(main(*sys.argv[1:4]))
