"""Files without a mark come back in the encodings that offices use, from a few words."""

import pytest

from sopkit.intake.encodings import utf8

TEXTS = {
    "cp1252": "Mois;Réf.;Désignation;Qté;CA HT\n01/2026;A;Bouilloire à thé, élégante;12;300,00 €\n",
    "cp850": "Datum;Artikel;Bezeichnung;Menge;Erlös\n05.01.2026;A;Wasserkocher für die Küche;12;300,00\n",
    "cp1250": "Datum;Kód;Název zboží;Množství;Částka\n05.01.2026;A;Topinkovač;12;300,00\n",
    "cp1254": "Tarih;Ürün Kodu;Ürün Adı;Miktar\n05.01.2026;A;Ekmek Kızartma Makinesi, şık;12\n",
    "cp1257": "Data;Prekė;Kiekis;Suma\n2026-01-05;Virdulys žalias, šviesus, ąžuolo;12;300\n",
    "cp1251": "Дата;Артикул;Наименование;Количество\n05.01.2026;A;Чайник электрический;12\n",
    "cp866": "Дата;Артикул;Наименование;Количество\n05.01.2026;A;Чайник электрический;12\n",
    "koi8_r": "Дата;Артикул;Наименование;Количество\n05.01.2026;A;Чайник электрический;12\n",
    "cp1253": "Ημερομηνία;Κωδικός;Περιγραφή;Ποσότητα\n05/01/2026;A;Βραστήρας;12\n",
    "cp1255": "תאריך,קוד מוצר,שם מוצר,כמות\n2026-01-05,A,קומקום,12\n",
    "cp1256": "التاريخ,رمز المنتج,اسم المنتج,الكمية\n2026-01-05,A,غلاية كهربائية,12\n",
    "cp874": "วันที่,รหัสสินค้า,ชื่อสินค้า,จำนวน\n2026-01-05,A,กาต้มน้ำ,12\n",
    "cp932": "年月,商品コード,商品名,数量,売上金額\n2026年1月,A,電気ケトル,12,300\n",
    "gb18030": "日期,产品编码,产品名称,销售数量\n2026年01月05日,A,电热水壶,12\n",
    "big5": "日期,產品代碼,產品名稱,數量\n2026/01/05,A,電熱水壺,12\n",
    "euc_kr": "일자,상품코드,상품명,수량\n2026-01-05,A,전기 주전자,12\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_text_comes_back(encoding):
    found = utf8(TEXTS[encoding].encode(encoding))
    assert (found.encoding, found.raw.decode()) == (encoding, TEXTS[encoding])
    assert not found.is_sure


@pytest.mark.parametrize(
    "word",
    ["Größe", "Straße", "Erlös", "Qté", "Año", "Preço", "naïve", "Città", "Från", "Øl", "10 €"],
)
def test_one_word_of_western_europe_comes_from_windows(word):
    found = utf8(f"Item;Name;Qty\nA;{word};12\n".encode("cp1252"))
    assert found.raw.decode() == f"Item;Name;Qty\nA;{word};12\n"


def test_names_of_one_byte_katakana_are_japanese():
    text = "年月,商品ｺｰﾄﾞ,数量\n2026/1,ｹﾄﾙ,12\n"
    assert utf8(text.encode("cp932")).raw.decode() == text


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("cp932", "2026年{}月,A,電気ケトル,{},\\300\n"),
        ("gb18030", "2026年{:02}月05日,A,多士炉,{},118.50\n"),
    ],
)
def test_characters_that_come_again_in_every_line_are_no_other_language(encoding, line):
    text = "年月,商品,数量,金額\n" + "".join(line.format(n % 12 + 1, n) for n in range(60))
    assert utf8(text.encode(encoding)).raw.decode() == text
