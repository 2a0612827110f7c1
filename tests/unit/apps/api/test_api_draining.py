import asyncio
import os
import signal

from matinee.apps.api.draining import on_stop_signal


def test_both_the_loop_and_we_hear_the_signal():
    async def scenario():
        heard, drained = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, heard.set)
        before = signal.getsignal(signal.SIGTERM)
        try:
            with on_stop_signal(drained.set):
                os.kill(os.getpid(), signal.SIGTERM)
                async with asyncio.timeout(5):
                    await heard.wait()
                    await drained.wait()
            assert signal.getsignal(signal.SIGTERM) is before
        finally:
            loop.remove_signal_handler(signal.SIGTERM)

    asyncio.run(scenario())


def test_a_signal_that_nobody_handles_keeps_its_meaning():
    async def scenario():
        with on_stop_signal(lambda: None):
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    asyncio.run(scenario())


def test_outside_the_main_thread_nothing_is_changed():
    async def scenario():
        before = signal.getsignal(signal.SIGINT)
        with on_stop_signal(lambda: None):
            assert signal.getsignal(signal.SIGINT) is before

    async def elsewhere():
        await asyncio.to_thread(asyncio.run, scenario())

    asyncio.run(elsewhere())
