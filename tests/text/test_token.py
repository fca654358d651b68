import dataclasses
import pickle

import pytest

from foldformer.text import Token, show_token


def test_fields_stand_in_the_published_order():
    token = Token("a", 1, 2, "l", "p", "t", "d", "e", 3, 4)
    assert (token.idx, token.idx_end, token.lemma_, token.pos_, token.tag_) == (1, 2, "l", "p", "t")
    assert (token.dep_, token.ent_type_, token.text_id, token.type_id) == ("d", "e", 3, 4)


def test_a_token_has_no_room_for_other_attributes():
    with pytest.raises(AttributeError):
        Token("a").other = 1


def test_tokens_are_equal_when_all_fields_are():
    assert Token("a", idx=1) == Token("a", idx=1)
    assert Token("a", idx=1) != Token("a", idx=2)


def test_replace_changes_one_field_of_a_copy():
    token = Token("a", text_id=3)
    assert dataclasses.replace(token, type_id=1) == Token("a", text_id=3, type_id=1)
    assert token.type_id is None


def test_pickling_keeps_every_field():
    token = Token("a", 1, 2, "l", "p", "t", "d", "e", 3, 4)
    assert pickle.loads(pickle.dumps(token)) == token


@pytest.mark.parametrize("text", [3, b"a", ["a"]])
def test_text_that_is_no_string_is_refused(text):
    with pytest.raises(TypeError, match="expected a string"):
        Token(text)


def test_ensure_text_names_the_id_of_a_token_without_text():
    assert Token("a").ensure_text() == "a"
    with pytest.raises(ValueError, match="text_id 7"):
        Token(text_id=7).ensure_text()


def test_a_token_prints_as_its_text():
    assert f"{Token('word')} {[Token('word')]} {Token(text_id=7)}" == "word [word] <7>"


def test_show_token_lists_every_field():
    assert show_token(Token("a", 1, 2, text_id=3)) == (
        "a (idx: 1) (idx_end: 2) (lemma: None) (pos: None) (tag: None) (dep: None) (ent_type: None) (text_id: 3) "
        "(type_id: None)"
    )
