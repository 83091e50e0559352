"""Who signed and when, as reports print it."""

from __future__ import annotations

import pytest

from normalize.signature import Signature, read_signature


@pytest.mark.parametrize(
    ("lines", "signature"),
    [
        (["阳高县人民政府", "2020年2月19日"], Signature("阳高县人民政府", 2020, 2)),
        (["衡东县杨林镇人民政府", "(2024年元月)"], Signature("衡东县杨林镇人民政府", 2024, 1)),
        (["衡东县杨林镇人民政府", "（2024年3月26日）"], Signature("衡东县杨林镇人民政府", 2024, 3)),
        (["县教育局二〇二一年一月二十日"], Signature("县教育局", 2021, 1)),
        (["县教育局", "二○一九年十二月三十一日", "打印本页"], Signature("县教育局", 2019, 12)),
        (["大慶市教育局", "2023年1月11日"], Signature("大慶市教育局", 2023, 1)),
        # The frame of a page, a period, and a date in the text are no signatures.
        (["发布日期：2020-01-31", "来源", "2021年1月20日"], Signature()),
        (["统计期限为2020年1月1日至2020年12月31日"], Signature()),
        (["本报告所列数据的统计期限自2020年1月1日起", "至2020年12月31日止"], Signature()),
        ([], Signature()),
    ],
)
def test_signatures(lines: list[str], signature: Signature) -> None:
    assert read_signature(lines) == signature
