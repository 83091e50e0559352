"""Scrapy's settings where they differ from its defaults, each with its reason."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

BOT_NAME = "gongkai"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# Places of this project; the command line and -s override them.
PORTALS_FILE = str(ROOT / "data" / "portals.csv")
DIVISIONS_FILE = str(ROOT / "data" / "divisions.csv")
ARCHIVE_DIR = str(ROOT / "data" / "archive")

# A portal that lists hundreds of department reports may not eat the run; 18 years with attachments take about 100.
PORTAL_BUDGET = 300

# Whoever reads a portal's log must be able to tell who asks; the operator's address goes into CONTACT. Some portals
# refuse whatever is no browser: that is theirs to decide, and the outcome says so.
USER_AGENT = "gongkai/0.1 (research on government disclosure reports)"
ROBOTSTXT_USER_AGENT = "gongkai"
CONTACT = ""

# Rules of the host are kept; crawler.middlewares.RobotsRules reads a refused robots.txt as a refusal.
ROBOTSTXT_OBEY = True

# What a host's Crawl-delay may ask for, in seconds: with more a portal's hundred requests would take hours.
CRAWL_DELAY_MAX = 30.0

# County portals are small machines: one request at a time, spaced, and slower still when they answer slowly.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 2.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0

# Politeness is per host, so many hosts can be visited side by side.
CONCURRENT_REQUESTS = 64

# Of one response a single request or the outcomes of a portal come; Scrapy would keep a hundred workers for them.
CONCURRENT_ITEMS = 1

# What tells the time to archive and plan; a simulation names its own function.
CLOCK = "crawler.archive.utc_now"

# No port may be opened by a crawl: both of these run code for whoever connects.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# The archive is the cache: one part stores, revalidates and replays.
HTTPCACHE_ENABLED = True
HTTPCACHE_STORAGE = "crawler.archive.WarcCacheStorage"
HTTPCACHE_POLICY = "crawler.archive.RevalidatePolicy"

# A report with scans can reach tens of megabytes; nothing honest is larger.
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 16 * 1024 * 1024
# A page is read as a whole, so it may be less large than a file.
PAGE_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_TIMEOUT = 60

# Three tries tell a dead portal from a hiccup; 429 is left out, since a host that throttles is left alone.
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 503, 504, 408]

# A host that asks to wait is given so many seconds; who asks for more is left alone until a later run.
RETRY_AFTER_MAX = 120

# A report does not change often: what is archived is asked for again after so many days, or when its list changes.
REVISIT_DAYS = 30

# A certificate is checked; a host whose own is bad is read all the same, and every outcome of its portal says so.
DOWNLOAD_VERIFY_CERTIFICATES = True
# A host's connections are closed when it is left.
DOWNLOAD_HANDLERS = {"http": "crawler.connections.HandlerPerHost", "https": "crawler.tls.HostByHostHandler"}

# Rows with render=true are shown by a browser (extra js): the system's, or the one named here, for so many seconds.
CHROMIUM = ""
RENDER_TIMEOUT = 60
# Set by the spider where such a row is visited.
RENDERING = False

# More than a few hops is a loop or a gate; meta refreshes are judged by the spider, not followed blindly.
REDIRECT_MAX_TIMES = 4
METAREFRESH_ENABLED = False

# Every status reaches the spider, because each is an outcome; how deep it is it knows itself. It names the page that
# linked a request; the one answered before it is another. A request left out for its length would end its visit
# without a word. Each part that only looks on would cost a step for every page.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}

# Sessions would tie one capture to the one before it.
COOKIES_ENABLED = False

# Ours tell a refusal from a fault, wait when asked to, stay on the portal's site and
# on public addresses, and show a dead portal as dead. Which sites may be asked is told by each request itself.
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.render.Rendering": 90,
    "crawler.middlewares.RobotsRules": 100,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.middlewares.SameSiteRedirects": 600,
    "crawler.middlewares.RetryAfter": 560,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "crawler.archive.ArchiveMiddleware": 900,
    "crawler.middlewares.PublicAddresses": 950,
}

# Titles are Chinese; without this a JSON feed is all escapes.
FEED_EXPORT_ENCODING = "utf-8"

# One line per request would be millions; the archive has them all.
LOG_LEVEL = "INFO"

# A crawl of all portals must not take the machine down with it.
MEMUSAGE_LIMIT_MB = 2048
