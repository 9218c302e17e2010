from __future__ import annotations

import numpy as np
import torch

from salus.networks.embeddings import WordEmbeddings, draw_negatives, skip_gram_pairs, text_vector


def test_the_loss_is_that_of_the_plain_twin() -> None:
    torch.manual_seed(0)
    tables = WordEmbeddings(9, 5)
    torch.nn.init.normal_(tables.contexts.weight)
    centres, contexts = torch.tensor([1, 2, 3]), torch.tensor([2, 3, 4])
    negatives = torch.tensor([[5, 6], [7, 8], [0, 1]])
    v, u = (table.weight.detach().double().numpy() for table in (tables.centres, tables.contexts))
    expected = 0.0
    for w, c, ns in zip(centres, contexts, negatives, strict=True):
        expected += np.log1p(np.exp(-u[c] @ v[w])) + sum(np.log1p(np.exp(u[n] @ v[w])) for n in ns)
    np.testing.assert_allclose(tables.loss(centres, contexts, negatives).item(), expected / 3, rtol=1e-5)


def test_pairs_are_all_neighbours_in_the_window() -> None:
    words = [4, 5, 6, 7]
    expected = [
        [words[i], words[j]] for i in range(4) for j in range(4) if i != j and abs(i - j) <= 2
    ]  # fmt: skip
    assert skip_gram_pairs(torch.tensor(words), window=2).tolist() == expected


def test_negatives_follow_the_count_to_the_power_of_three_quarters() -> None:
    counts = torch.tensor([1, 16, 0])
    drawn = draw_negatives(counts, (500, 20), generator=torch.Generator().manual_seed(1))
    shares = np.bincount(drawn.flatten().numpy(), minlength=3) / drawn.numel()
    np.testing.assert_allclose(shares, [1 / 9, 8 / 9, 0], atol=0.01)


def test_words_of_one_topic_become_similar() -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    topics = [torch.randint(low, low + 4, (300,), generator=generator) for low in (0, 4)]
    pairs = torch.cat([skip_gram_pairs(text, window=2) for text in topics])
    tables = WordEmbeddings(8, 6)
    optimiser = torch.optim.Adam(tables.parameters(), lr=0.05)
    for _ in range(60):
        negatives = draw_negatives(torch.ones(8), (pairs.shape[0], 3), generator=generator)
        optimiser.zero_grad()
        tables.loss(pairs[:, 0], pairs[:, 1], negatives).backward()  # type: ignore[no-untyped-call]  # torch's stubs
        optimiser.step()
    unit = torch.nn.functional.normalize(tables(torch.arange(8)), dim=1)
    similar = (unit @ unit.T).detach()
    assert float(similar[:4, :4].mean()) > float(similar[:4, 4:].mean()) + 0.5


def test_a_texts_vector_adds_up_directions() -> None:
    vectors = torch.tensor([[3.0, 4.0], [0.0, 2.0], [0.0, 0.0]])
    torch.testing.assert_close(text_vector(vectors), torch.tensor([0.6, 1.8]))
