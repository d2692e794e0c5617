"""WhatsApp Web in a Chromium of its own for each connection, driven through wa-js."""

from connections.drivers.browser.driver import BrowserDriver

__all__ = ["BrowserDriver"]
