"""The fake portals by family: those that show one list of reports, and the older three with markup of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.portals.epoint import EpointPortal
from tests.portals.eportal import EportalPortal
from tests.portals.gkmlpt import GkmlptPortal
from tests.portals.hanweb import HanwebPortal
from tests.portals.hebei import HebeiPortal
from tests.portals.huaian import HuaianPortal
from tests.portals.hunan import HunanPortal
from tests.portals.jpaas import JpaasPortal
from tests.portals.lonsun import LonsunPortal
from tests.portals.numbered import (
    DedecmsPortal,
    EmpirecmsPortal,
    IlistPortal,
    JeecmsPortal,
    NfcmsPortal,
    PhpcmsPortal,
    PowereasyPortal,
    SnowflakePortal,
)
from tests.portals.openness import OpennessPortal
from tests.portals.static import StaticPortal
from tests.portals.trs import TrsPortal
from tests.portals.truecms import TruecmsPortal
from tests.portals.ucap import UcapPortal
from tests.portals.vsb import VsbPortal
from tests.portals.xxgk import XxgkPortal

if TYPE_CHECKING:
    from tests.portals.base import FakePortal
    from tests.portals.lists import ListPortal

LISTS: tuple[type[ListPortal], ...] = (
    *(GkmlptPortal, LonsunPortal, TruecmsPortal, XxgkPortal, JpaasPortal, EpointPortal, OpennessPortal),
    *(HuaianPortal, HunanPortal, UcapPortal, VsbPortal, HebeiPortal, EportalPortal, NfcmsPortal, JeecmsPortal),
    *(PowereasyPortal, DedecmsPortal, EmpirecmsPortal, PhpcmsPortal, IlistPortal, SnowflakePortal),
)
OLDER: tuple[type[FakePortal], ...] = (TrsPortal, HanwebPortal, StaticPortal)
